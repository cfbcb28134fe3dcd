import { describe, expect, it } from "vitest";
import { type ActionSetting, readActionSettings, readSettings, retentionMs } from "../../src/config.ts";
import { isListed } from "../../src/receive/source.ts";
import { envOf, SET_UP } from "./settings.ts";

const DAY_MS = 86_400_000;
const faultsWith = (variables: Record<string, unknown>) => {
  const read = readSettings(envOf({ ...SET_UP, ...variables }));
  return read.ok ? [] : read.faults;
};
const valuesWith = (variables: Record<string, unknown>) => {
  const read = readSettings(envOf({ ...SET_UP, ...variables }));
  if (!read.ok) throw new Error(read.faults.join("\n"));
  return read.values;
};

describe("the receiver's settings", () => {
  it("are read where all is in order", () => {
    const values = valuesWith({});
    expect(values).toMatchObject({
      webhook_tokens: ["webhook-token-0123456789"],
      admin_token: "admin-token-0123456789",
      source_check: "enforce",
    });
    expect(["203.0.113.7", "2001:db8::5", "203.0.113.8"].map((one) => isListed(one, values.sources))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("accept the previous token beside the present one, while it is set", () => {
    const previous = "previous-token-0123456789";
    expect(valuesWith({ WEBHOOK_TOKEN_PREVIOUS: previous }).webhook_tokens).toEqual([SET_UP.WEBHOOK_TOKEN, previous]);
    expect(valuesWith({ WEBHOOK_TOKEN_PREVIOUS: " " }).webhook_tokens).toEqual([SET_UP.WEBHOOK_TOKEN]);
  });

  it("know what may be left out", () => {
    expect(faultsWith({ SOURCE_CHECK: undefined, RETENTION_DAYS: "", WEBHOOK_TOKEN_PREVIOUS: undefined })).toEqual([]);
    expect(valuesWith({ SOURCE_CHECK: undefined }).source_check).toBe("enforce");
    expect(valuesWith({ SOURCE_CHECK: "report" }).source_check).toBe("report");
  });

  it("do not care for blanks around a value, as a .dev.vars may have them", () => {
    expect(valuesWith({ WEBHOOK_TOKEN: ` ${SET_UP.WEBHOOK_TOKEN}\n` }).webhook_tokens).toEqual([SET_UP.WEBHOOK_TOKEN]);
  });

  it("are found wrong all at once, each fault with its remedy", () => {
    const read = readSettings(envOf({ SOURCE_CHECK: "off", RETENTION_DAYS: "never", ALLOWED_SOURCES: "10.0.0.0/33" }));
    expect(read).toEqual({
      ok: false,
      faults: [
        expect.stringMatching(/^ALLOWED_SOURCES: "10\.0\.0\.0\/33" is no address and no CIDR block/),
        expect.stringMatching(/^ALLOWED_SOURCES names no address; set it under \[vars\] in wrangler\.toml/),
        expect.stringMatching(/^SOURCE_CHECK must be "enforce" or "report"; set it under \[vars\]/),
        expect.stringMatching(/^RETENTION_DAYS must be a whole number from 1 to 3650; set it under \[vars\]/),
        expect.stringMatching(/^WEBHOOK_TOKEN is missing; set it with: wrangler secret put WEBHOOK_TOKEN /),
        expect.stringMatching(/^ADMIN_TOKEN is missing; set it with: wrangler secret put ADMIN_TOKEN /),
      ],
    });
  });

  it.each([undefined, null, "", "  ", 17, {}])("a required token that is %j is missing", (token) => {
    expect(faultsWith({ WEBHOOK_TOKEN: token })).toEqual([expect.stringMatching(/^WEBHOOK_TOKEN is missing; /)]);
    expect(faultsWith({ ADMIN_TOKEN: token })).toEqual([expect.stringMatching(/^ADMIN_TOKEN is missing; /)]);
  });

  it.each(["WEBHOOK_TOKEN", "WEBHOOK_TOKEN_PREVIOUS", "ADMIN_TOKEN"])("%s is long, and fit for a header", (name) => {
    const wrong = [
      "x".repeat(15),
      "x".repeat(513),
      "has a blank in its middle",
      "has-an-ümlaut-in-it",
      "line\nbreak-in-the-midst",
    ];
    for (const token of wrong)
      expect(faultsWith({ [name]: token })).toEqual([
        expect.stringMatching(`^${name} must be 16 to 512 visible ASCII`),
      ]);
    for (const token of ["x".repeat(16), "x".repeat(512)]) expect(faultsWith({ [name]: token })).toEqual([]);
  });

  it("one wrong entry in the source list is a fault, though the others are sound", () => {
    expect(faultsWith({ ALLOWED_SOURCES: "1.2.3.4, flashcat.cloud" })).toEqual([
      expect.stringContaining('"flashcat.cloud" is no address'),
    ]);
  });

  it.each(["Enforce", "enforced", "false", "report,enforce"])("SOURCE_CHECK is not guessed from %s", (check) => {
    expect(faultsWith({ SOURCE_CHECK: check })).toEqual([expect.stringMatching(/^SOURCE_CHECK must be/)]);
  });

  it("no token, right or wrong, is ever repeated in a fault", () => {
    const secrets = {
      WEBHOOK_TOKEN: "short-secret",
      WEBHOOK_TOKEN_PREVIOUS: "naïve-secret-0123456789",
      ADMIN_TOKEN: "a secret",
    };
    const text = faultsWith({ ...secrets, SOURCE_CHECK: "x" }).join("\n");
    for (const [name, secret] of Object.entries(secrets)) {
      expect(text).toContain(name);
      expect(text).not.toContain(secret);
    }
    expect(faultsWith({ SOURCE_CHECK: "x" }).join()).not.toContain(SET_UP.WEBHOOK_TOKEN);
  });
});

describe("how long things are kept", () => {
  it.each([
    ["1", 1],
    [" 7 ", 7],
    ["3650", 3_650],
    ["", 30],
    [undefined, 30],
  ])("RETENTION_DAYS %j: %i days", (RETENTION_DAYS, days) => {
    expect(retentionMs(envOf({ ...SET_UP, RETENTION_DAYS }))).toBe(days * DAY_MS);
    expect(faultsWith({ RETENTION_DAYS })).toEqual([]);
  });

  it.each(["0", "3651", "-1", "1.5", "1e2", "30d", "0x10", "99999"])(
    "RETENTION_DAYS %j is a fault, and nothing is forgotten sooner than by default",
    (RETENTION_DAYS) => {
      expect(faultsWith({ RETENTION_DAYS })).toEqual([expect.stringMatching(/^RETENTION_DAYS must be/)]);
      expect(retentionMs(envOf({ RETENTION_DAYS }))).toBe(30 * DAY_MS);
    },
  );
});

describe("the settings of an action", () => {
  const settings: ActionSetting[] = [
    { name: "RUNNER_URL", kind: "url", required: true },
    { name: "RUNNER_TOKEN", kind: "secret", required: false },
  ];
  const read = (variables: Record<string, unknown>) => readActionSettings(envOf(variables), settings);

  it("are given by name, without the optional ones that are not set", () => {
    const RUNNER_URL = "https://runner.example/jobs?team=7";
    expect(read({ RUNNER_URL, OTHER: "x" })).toEqual({ ok: true, values: { RUNNER_URL } });
    expect(read({ RUNNER_URL, RUNNER_TOKEN: "" })).toEqual({ ok: true, values: { RUNNER_URL } });
    const RUNNER_TOKEN = "two words";
    expect(read({ RUNNER_URL, RUNNER_TOKEN })).toEqual({ ok: true, values: { RUNNER_URL, RUNNER_TOKEN } });
  });

  it.each([
    "https://runner.example",
    "https://runner.example:8443/a/b?c=d",
    "http://localhost:4000/x",
    "http://127.0.0.1:4000",
    "http://127.9.9.9",
    "http://[::1]:4000",
  ])("the address may be %s", (RUNNER_URL) => {
    expect(read({ RUNNER_URL }).ok).toBe(true);
  });

  it.each([
    "http://runner.example",
    "http://localhost.runner.example",
    "http://128.0.0.1",
    "http://127.evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.evil",
    "http://127.0.0.1-evil.example",
    "http://[::2]",
    "http://user@127.0.0.1",
    "https://user:password@runner.example",
    "https://user@runner.example",
    "ftp://runner.example",
    "javascript:alert(1)",
    "runner.example/jobs",
    "//runner.example",
    "https://",
    "https://runner example",
  ])("the address may not be %s", (RUNNER_URL) => {
    expect(read({ RUNNER_URL })).toEqual({
      ok: false,
      faults: [
        "RUNNER_URL must be an https address without user or password; set it with: wrangler secret put RUNNER_URL (locally: a line in .dev.vars)",
      ],
    });
  });

  it("are found wrong all at once, with remedies and without values", () => {
    const faulty = read({ RUNNER_URL: "http://user:hunter2@x.example", RUNNER_TOKEN: "hunter3\nX-Evil: 1" });
    expect(faulty.ok ? [] : faulty.faults).toEqual([
      expect.stringMatching(/^RUNNER_URL must be .*wrangler secret put RUNNER_URL/),
      expect.stringMatching(/^RUNNER_TOKEN must be visible ASCII on one line; .*wrangler secret put RUNNER_TOKEN/),
    ]);
    expect(JSON.stringify(faulty)).not.toMatch(/hunter|x\.example/);
  });

  it("that are required and missing are named", () => {
    expect(read({})).toEqual({ ok: false, faults: [expect.stringMatching(/^RUNNER_URL is missing; set it with: /)] });
  });

  it("may be none at all", () => {
    expect(readActionSettings(envOf({}), [])).toEqual({ ok: true, values: {} });
  });
});
