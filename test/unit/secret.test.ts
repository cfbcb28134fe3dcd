import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hiding } from "../../src/secret.ts";

/** The ways in which a request carries a secret, or an answer quotes it. */
const forms: [string, (secret: string) => string][] = [
  ["plain", (secret) => secret],
  ["encoded for an address", encodeURIComponent],
  ["in base64", btoa],
  ["in base64 without padding", (secret) => btoa(secret).replace(/=+$/, "")],
  [
    "encoded for an address in lower case",
    (secret) => encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
  ],
  ["in a page", (secret) => secret.replaceAll("&", "&amp;")],
  ["in a text of JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
  ["in a text of JSON that escapes slashes", (secret) => secret.replaceAll("/", String.raw`\/`)],
  ["in the JSON of an echo", (secret) => JSON.stringify({ headers: { Authorization: `Bearer ${secret}` } })],
  ["in the base64 of a pair", (secret) => `Basic ${btoa(secret)}`],
];

const ascii = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCodePoint(0x20 + at));
/** As the settings let a credential be: 8 and more visible ASCII characters, trimmed. */
const credential = fc
  .string({ unit: fc.constantFrom(...ascii), minLength: 8, maxLength: 60 })
  .filter((secret) => secret.trim() === secret);
const token = fc.string({ unit: fc.constantFrom(..."abcXYZ019-_~".split("")), minLength: 16, maxLength: 40 });
const words = fc.string({ unit: "grapheme", maxLength: 20 });

/** Addresses whose path or query is a secret. */
const address = fc
  .record({
    path: fc.array(token, { minLength: 1, maxLength: 3 }),
    query: fc.dictionary(fc.constantFrom("k", "t"), token),
  })
  .map(({ path, query }) => {
    const url = new URL(`https://hooks.example/${path.join("/")}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { url: url.href, path, query: Object.values(query) };
  });

describe.each(forms)("an echo that quotes a secret %s", (_, form) => {
  it("has it no more", () => {
    const property = fc.property(credential, words, words, (secret, before, after) => {
      const hidden = hiding([secret])(`${before}${form(secret)}${after}`);
      expect(hidden).toContain("(hidden)");
      expect(hidden).not.toContain(secret);
      for (const [, written] of forms.slice(0, 8)) expect(hidden).not.toContain(written(secret));
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("has none of several, also where one is a part of another", () => {
    const property = fc.property(credential, credential, words, (one, more, between) => {
      const secrets = [one, `${one}${more}`, more];
      const hidden = hiding(secrets)(secrets.map(form).join(between));
      for (const secret of secrets) expect(hidden).not.toContain(secret);
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("that is an address has no part of it that is one by itself", () => {
    const property = fc.property(address, words, ({ url, path, query }, around) => {
      const { pathname, search } = new URL(url);
      for (const quoted of [url, `${pathname}${search}`, pathname, search, ...path, ...query]) {
        const hidden = hiding([url])(`${around}${form(quoted)}${around}`);
        for (const part of [...path, ...query]) expect(hidden).not.toContain(part);
      }
    });
    fc.assert(property, { numRuns: 30 });
  });

  it("that is a pair of id and secret has neither the pair nor the secret", () => {
    const id = credential.filter((one) => !one.includes(":"));
    const property = fc.property(id, credential, (id, secret) => {
      const hide = hiding([`${id}:${secret}`]);
      for (const quoted of [secret, `${id}:${secret}`]) {
        expect(hide(form(quoted))).not.toContain(secret);
        expect(hide(form(quoted))).toContain("(hidden)");
      }
    });
    fc.assert(property, { numRuns: 30 });
  });
});

describe("hiding", () => {
  it("hides each time a secret is quoted", () => {
    expect(hiding(["hunter2-hunter2"])("hunter2-hunter2,hunter2-hunter2")).toBe("(hidden),(hidden)");
  });

  it.each([
    ["0123456789", "0123456789-more"],
    ["0123456789-more", "0123456789"],
  ])("hides the longer of two secrets whole, where one begins as the other: %s, %s", (...secrets) => {
    expect(hiding(secrets)("0123456789-more 0123456789")).toBe("(hidden) (hidden)");
  });

  it("leaves all else as it is", () => {
    const property = fc.property(words, words, (one, other) => {
      expect(hiding(["hunter2-hunter2", "https://hooks.example/0123456789abcdef"])(one + other)).toBe(one + other);
    });
    fc.assert(property, { numRuns: 30 });
  });

  it.each([[[]], [[""]]])("of nothing (%j) leaves everything as it is", (secrets) => {
    expect(hiding(secrets)("a text")).toBe("a text");
  });

  it("leaves the words of a secret address: they are no secrets, and a reason is to be understood", () => {
    const hide = hiding(["https://hooks.example/api/v1/T0123456789abcdefghi?team=seven"]);
    expect(hide("no api v1 at hooks.example for team seven")).toBe("no api v1 at hooks.example for team seven");
    expect(hide("no /T0123456789abcdefghi")).toBe("no /(hidden)");
  });

  it("hides a key in the query of a secret address from 8 characters on, where a shorter one would be found everywhere", () => {
    const hide = hiding(["https://hooks.example/run?key=hunter22&team=seven77"]);
    expect(hide("no hunter22 for seven77")).toBe("no (hidden) for seven77");
    expect(hide("no key=hunter22&amp;team=seven77")).not.toContain("hunter22");
  });

  it("leaves a part of a secret address's path that is as short: a word may be", () => {
    expect(hiding(["https://hooks.example/webhooks/T0123456789abcdefghi"])("no webhooks")).toBe("no webhooks");
  });

  it.each(["hunter2+hunter2/x", "hunter2?hunter2>xy", "hunter2 & hunter2"])(
    "hides %s in base64, whatever becomes of the padding, and wherever it stands there",
    (secret) => {
      const [padded, bare] = [btoa(secret), btoa(secret).replace(/=+$/, "")];
      // What is left at the edges belongs to the neighbours as well.
      expect(hiding([secret])(`Basic ${padded} ${bare}.`)).toMatch(/^Basic \(hidden\)\S{0,4} \(hidden\)\S{0,2}\.$/);
      for (const before of ["", "B", "Be", "Bearer "]) {
        const left = hiding([secret])(btoa(`${before}${secret} and more`));
        expect(left).toContain("(hidden)");
        expect(atob(left.split("(hidden)")[0]?.slice(0, 4) ?? "")).not.toContain("hunter");
      }
    },
  );

  it("leaves of a pair who it is, and what is too short: it would be found everywhere", () => {
    const hide = hiding(["administrator:0123456789abcdef", "id-of-a-pair:secret"]);
    expect(hide("administrator 0123456789abcdef")).toBe("administrator (hidden)");
    expect(hide("no secret for id-of-a-pair, id-of-a-pair:secret")).toBe("no secret for id-of-a-pair, (hidden)");
  });

  it("of an address in another script hides it as well", () => {
    const url = "https://hooks.example/钩子/0123456789abcdef";
    expect(hiding([url])(`no ${url}`)).toBe("no (hidden)");
  });

  it.each([
    ["a form or a query", new URLSearchParams({ key: "hunter2 (it's) hunter2!" }).toString()],
    ["JSON as Go writes it", '{"key":"hunter2 \\u0026 hunter2"}'],
  ])("hides a secret with unusual characters in %s", (_, echo) => {
    expect(hiding(["hunter2 (it's) hunter2!", "hunter2 & hunter2"])(echo)).not.toMatch(/hunter/);
  });
});
