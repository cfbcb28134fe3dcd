// The pages as text: whatever comes from outside stands in them as text only, and each is made as a browser, a reader of
// screens and the content security policy want it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OverviewPage } from "../../src/admin/page/overview.tsx";
import { RunPage } from "../../src/admin/page/run.tsx";
import { shown } from "../../src/admin/page/shown.ts";
import { webAddress } from "../../src/admin/page/text.tsx";
import { words } from "../../src/admin/page/words.ts";
import { CALM, night, viewer } from "./page-data.ts";
import { pagesOf, rendered } from "./page-render.tsx";

const RTL = "\u202E";

/** What stands around each text of others. */
const EVIL: Readonly<Record<string, (calm: string) => string>> = {
  "an element": (calm) => `<img src=x onerror="alert(1)"><script>alert(2)</script>${calm}`,
  "the end of what it stands in": (calm) => `"'>--></title></textarea></style></main></table>${calm}`,
  "an address that runs": (calm) => `javascript:alert(1)//${calm}`,
  "an attribute": (calm) => `" onmouseover="alert(1)" style="display:none" ${calm}`,
  "marks that turn text around": (calm) => `${RTL}\u2066\u200F${calm}\u0007\u0000\uD800`,
  "10,000 characters": (calm) => `${calm}${"W".repeat(10_000)}`,
  "nothing at all": () => "",
};

/** Each start tag: nothing that is escaped looks like one. */
function tagsOf(html: string): string[] {
  return html.match(/<[a-z][^>]*>/g) ?? [];
}

function attributesOf(tag: string): [name: string, value: string][] {
  return [...tag.matchAll(/\s([^\s=">]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]);
}

/** The elements that pages are made of. */
const TAGS = new Set(
  (
    "html head meta title link script body header nav main section article footer h1 h2 h3 p a ul ol li dl dt dd div span bdi b " +
    "small time code pre table caption thead tbody tr th td details summary template figure figcaption form label input select " +
    "option button svg g path circle rect line text defs pattern"
  ).split(" "),
);

describe.each(Object.entries(EVIL))("with %s in every text of others, each page", (_, text) => {
  const pages = Object.entries(pagesOf(viewer(), night(text), text));

  it.each(pages)("%s holds it as text only", (_, html) => {
    const faults = tagsOf(html).flatMap((tag) => {
      const name = /^<([a-z0-9]+)/.exec(tag)?.[1] ?? "";
      const attributes = attributesOf(tag);
      return [
        ...(TAGS.has(name) ? [] : [tag]),
        ...(name === "script" && !attributes.some(([name]) => name === "src") ? [tag] : []),
        ...attributes.filter(([name]) => name === "style" || name.startsWith("on")).map(() => tag),
        ...attributes.filter(([name, value]) => isWay(name) && !isSafe(value)).map(() => tag),
      ];
    });
    expect(faults).toEqual([]);
  });

  it.each(pages)("%s shows nothing that is unseen", (_, html) => {
    // What a field is filled with is sent as it was; and pictures isolate texts by a pair of marks, for want of elements.
    const read = html.replaceAll(/ value="[^"]*"/g, "");
    expect(read.match(/[^\P{C}\n\t\u2068\u2069]/gu)).toBeNull();
  });
});

function isWay(name: string): boolean {
  return ["href", "src", "action"].includes(name);
}

/** Below the origin, on the page itself, or on the web. */
function isSafe(address: string): boolean {
  return /^(?:\/(?!\/)|#|\?|https?:\/\/|$)/.test(address);
}

describe.each(["en", "zh"] as const)("in %s, each page", (language) => {
  const pages = Object.entries(pagesOf(viewer({ language }), night()));

  it.each(pages)("%s has one heading, one main part, a way past the navigation, and its language", (_, html) => {
    const tags = tagsOf(html).map((tag) => /^<[a-z0-9]+/.exec(tag)?.[0]);
    for (const once of ["<h1", "<main", "<header", "<footer"])
      expect([once, tags.filter((tag) => tag === once).length]).toEqual([once, 1]);
    const start = `<!DOCTYPE html><html lang="${language === "zh" ? "zh-CN" : "en"}">`;
    expect([html.startsWith(start), html.includes('class="skip" href="#main"')]).toEqual([true, true]);
  });

  it.each(pages)("%s gives an id to one thing only", (_, html) => {
    const ids = tagsOf(html).flatMap((tag) =>
      attributesOf(tag).flatMap(([name, value]) => (name === "id" ? [value] : [])),
    );
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it.each(pages)("%s names each field of its forms", (_, html) => {
    const fields = html.match(/<(?:input|select)[^>]*>/g) ?? [];
    const named = html.match(/<label[^>]*>(?:(?!<\/label>).)*<(?:input|select)/gs) ?? [];
    expect(named).toHaveLength(fields.length);
  });
});

/** A word with something in it. */
function said(word: unknown): string {
  return String(typeof word === "function" ? Reflect.apply(word, null, [7, "x", "y"]) : word);
}

describe("the words", () => {
  const flat = (given: object, path = ""): [string, unknown][] =>
    Object.entries(given).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null ? flat(value, `${path}${key}.`) : [[`${path}${key}`, value]],
    );
  it("are the same ones in both languages, and none is empty", () => {
    expect(flat(words.zh).map(([key]) => key)).toEqual(flat(words.en).map(([key]) => key));
    expect(flat(words).filter(([, word]) => said(word).trim() === "")).toEqual([]);
  });

  it("are Chinese in Chinese, but for names", () => {
    const latin = flat(words.zh).filter(([, word]) => !/\p{Script=Han}/u.test(said(word)));
    expect(latin.map(([key]) => key).toSorted()).toEqual([
      "decide.about",
      "entry.id",
      "frame.api",
      "overview.open_count",
    ]);
  });
});

describe("a text of others", () => {
  it.each([
    ["plain", "plain"],
    ["搜索组 é ñ", "搜索组 é ñ"],
    [`a${RTL}b`, "a⟨U+202E⟩b"],
    ["bell\u0007", "bell␇"],
    ["del\u007f", "del␡"],
    ["two\nlines\r\n", "two␊lines␍␊"],
    ["no\u200bbreak", "no⟨U+200B⟩break"],
    ["half \uD83D", "half ⟨U+D83D⟩"],
    ["👩\u200d👩\u200d👧 ok", "👩\u200d👩\u200d👧 ok"],
    ["⚠\ufe0f 1\ufe0f\u20e3", "⚠\ufe0f 1\ufe0f\u20e3"],
    ["host\u200d1", "host⟨U+200D⟩1"],
    ["می\u200cخواهم", "می\u200cخواهم"],
    [`z${"\u0301".repeat(50)}`, `z${"\u0301".repeat(4)}…`],
  ])("%j is shown as %j", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("keeps its lines where it may", () => {
    expect(shown("a\r\nb\tc\rd", "keep_breaks")).toBe("a\nb\tc␍d");
  });

  it("is never without a sign for what is not seen, whatever it is", () => {
    const any = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code));
    const near = fc.constantFrom(
      "a",
      "é",
      "\n",
      "\u0000",
      "\uD800",
      RTL,
      "\u200D",
      "\uFE0F",
      "\u0301",
      "👩",
      "\u2028",
      "\uE000",
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(any, near) }), (text) => {
        expect(shown(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  it("is what it was where everything in it is seen", () => {
    const seen = fc.string({ unit: fc.constantFrom(...Array.from("aZ09 <>&\"'äß…中文字😀→")) });
    fc.assert(
      fc.property(seen, (text) => {
        expect(shown(text)).toBe(text);
      }),
    );
  });
});

describe("a link of others", () => {
  it.each([
    ["https://rundeck.example/execution/42", "https://rundeck.example/execution/42"],
    ["http://jenkins.local/job/1", "http://jenkins.local/job/1"],
    ["  https://a.example", "https://a.example/"],
    ["javascript:alert(1)", null],
    ["JaVaScRiPt:alert(1)", null],
    ["java\nscript:alert(1)", null],
    ["data:text/html,<script>alert(1)</script>", null],
    ["vbscript:x", null],
    ["//evil.example", null],
    ["/admin/logout", null],
    ["", null],
  ])("%j leads to %j", (url, expected) => {
    expect(webAddress(url)).toBe(expected);
  });
});

describe("a run offers", () => {
  it.each([
    ["awaiting_approval", ["approve", "cancel"]],
    ["planned", ["cancel"]],
    ["dispatched", ["cancel"]],
    ["running", ["cancel"]],
    ["waiting", ["cancel"]],
    ["succeeded", []],
    ["failed", ["retry"]],
    ["skipped", ["retry"]],
    ["unknown", ["retry"]],
    ["expired", ["retry"]],
    ["cancelled", ["retry"]],
  ] as const)("in the state %s: %j", (state, expected) => {
    const [, failed] = night().runs;
    if (failed === undefined) throw new Error("the night has runs");
    const html = rendered(RunPage({ viewer: viewer(), run: { ...failed, state } }));
    expect([...html.matchAll(/\/(approve|cancel|retry)"/g)].map(([, what]) => what)).toEqual(expected);
  });
});

describe("the overview", () => {
  const pages = pagesOf(viewer(), night());

  it("says what is wrong, and what waits, with the way to decide", () => {
    const [, said = ""] = (pages["overview"] ?? "").split("<main");
    for (const word of [
      "Settings are wrong",
      "WEBHOOK_TOKEN is missing",
      "Everything is stopped",
      "Dry run",
      "SOURCE_CHECK",
    ])
      expect(said).toContain(word);
    expect(said).toMatch(/role="status"[^>]*>1 waiting for approval, 3 in quarantine, 5 incidents open\./);
    expect(said).toMatch(/href="\/admin\/runs\/[^"]+\/approve"/);
    expect(said).toContain('href="/admin/switch/go-on"');
    expect(said).toContain('href="/admin/switch/close-breaker?action=restart-host"');
  });

  it("is calm where nothing waits", () => {
    expect(pages["overview-calm"]).toContain("Nothing waits for you.");
    expect(pages["overview-calm"]).not.toMatch(/class="notice (?:bad|warn)"[^>]*>(?!This part did not answer)/);
  });

  it.each(["awaiting_approval", "open_incidents", "newest_incidents", "ended_badly", "quarantined", "switch"] as const)(
    "shows the rest where %s did not answer, and never says that all is well",
    (part) => {
      const html = rendered(
        OverviewPage({
          viewer: viewer(),
          overview: { ...CALM, [part]: null },
          tallies: { totals: {}, intervals: [] },
        }),
      );
      expect(html).toContain("This part did not answer in time.");
      const waits = ["awaiting_approval", "quarantined", "switch"].includes(part);
      expect(html.includes("Nothing waits for you.")).toBe(!waits);
    },
  );
});

describe("a page that asks once more", () => {
  const html = pagesOf(viewer(), night())["retry"] ?? "";

  it("says what will be done to what, and offers the way back", () => {
    expect(html).toMatch(/restart-host.*es\.nj\.01/s);
    expect(html).toContain("An earlier attempt may have acted.");
    expect(html).toContain("It is stopped now");
    expect(html).toContain(
      "Overrides: runs at the same time, cool-down, budget, circuit breaker, incidents that came back.",
    );
    expect(html).toMatch(/href="\/admin\/runs\/[^"/]+">No, go back/);
  });

  it("says why it was not done", () => {
    expect(html).toMatch(/role="alert".*it does not wait for approval: it is failed/s);
  });

  it.each([
    ["a person is known", viewer(), false],
    ["a program says in whose name", viewer({ who: { kind: "program" } }), true],
  ])("%s", (_, viewer, asks) => {
    expect(pagesOf(viewer, night())["approve"]?.includes('name="by"')).toBe(asks);
  });
});
