import { describe, expect, it } from "vitest";
import {
  type ConnectorSetting,
  canReceive,
  readConnectorSettings,
  readSettings,
  withoutTokens,
} from "../../src/config.ts";
import { isListed } from "../../src/receive/source.ts";
import { envOf, SET_UP } from "./settings.ts";

const DAY_MS = 86_400_000;
const settingsWith = (variables: Record<string, unknown>) => readSettings(envOf({ ...SET_UP, ...variables }));
const faultsWith = (variables: Record<string, unknown>) => settingsWith(variables).faults;
/** Settings without any fault. */
const valuesWith = (variables: Record<string, unknown>) => {
  const settings = settingsWith(variables);
  if (settings.faults.length > 0) throw new Error(settings.faults.join("\n"));
  return settings;
};

const SECRETS = ["WEBHOOK_TOKEN", "WEBHOOK_TOKEN_PREVIOUS", "ADMIN_TOKEN", "FLASHDUTY_APP_KEY"];

describe("the receiver's settings", () => {
  it("are read where all is in order", () => {
    const values = valuesWith({});
    expect(values).toMatchObject({
      webhook_tokens: ["webhook-token-0123456789"],
      admin_tokens: ["admin-token-0123456789"],
      source_check: "enforce",
      retention_ms: 30 * DAY_MS,
      flashduty: null,
      access: null,
      language: "en",
      faults: [],
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
    const env = envOf({ SOURCE_CHECK: "off", RETENTION_DAYS: "never", ALLOWED_SOURCES: "10.0.0.0/33" });
    expect(readSettings(env)).toEqual({
      webhook_tokens: [],
      admin_tokens: [],
      sources: [],
      source_check: "enforce",
      retention_ms: 30 * DAY_MS,
      flashduty: null,
      access: null,
      dry_run: false,
      language: "en",
      faults: [
        expect.stringMatching(/^WEBHOOK_TOKEN is missing; set it with: wrangler secret put WEBHOOK_TOKEN /),
        expect.stringMatching(/^ADMIN_TOKEN is missing; set it with: wrangler secret put ADMIN_TOKEN /),
        expect.stringMatching(/^ALLOWED_SOURCES: entry 1 is no address and no CIDR block; set it under \[vars\]/),
        expect.stringMatching(/^ALLOWED_SOURCES names no address; set it under \[vars\] in wrangler\.toml/),
        expect.stringMatching(/^SOURCE_CHECK must be "enforce" or "report"; set it under \[vars\]/),
        expect.stringMatching(/^RETENTION_DAYS must be a whole number from 1 to 3650; set it under \[vars\]/),
      ],
    });
  });

  it.each<[string, unknown, Record<string, unknown>]>([
    ["WEBHOOK_TOKEN", "short", { webhook_tokens: [] }],
    ["WEBHOOK_TOKEN", undefined, { webhook_tokens: [] }],
    ["WEBHOOK_TOKEN_PREVIOUS", "short", {}],
    ["ADMIN_TOKEN", "short", { admin_tokens: [] }],
    ["ADMIN_TOKEN", undefined, { admin_tokens: [] }],
    ["ALLOWED_SOURCES", "", { sources: [] }],
    ["ALLOWED_SOURCES", "flashcat.cloud", { sources: [] }],
    ["SOURCE_CHECK", "reprot", {}],
    ["RETENTION_DAYS", "0", {}],
    ["REPORT_LANGUAGE", "fr", {}],
    ["DRY_RUN", "true", { dry_run: true }],
    ["FLASHDUTY_APP_KEY", "short", {}],
    ["FLASHDUTY_API_URL", "http://api.example", {}],
  ])("are sound but for the one that is wrong: %s as %j", (name, value, lacking) => {
    const { faults, ...settings } = settingsWith({ [name]: value });
    const { faults: _, ...sound } = valuesWith({});
    expect(settings).toEqual({ ...sound, ...lacking });
    expect(faults).not.toEqual([]);
    for (const fault of faults) expect(fault.startsWith(name)).toBe(true);
  });

  it("take pushes with the previous token while the present one is wrong", () => {
    const previous = "previous-token-0123456789";
    const settings = settingsWith({ WEBHOOK_TOKEN: "short", WEBHOOK_TOKEN_PREVIOUS: previous });
    expect(settings.webhook_tokens).toEqual([previous]);
    expect(canReceive(settings)).toBe(true);
  });

  it.each<[boolean, Record<string, unknown>]>([
    [true, {}],
    [true, { ADMIN_TOKEN: undefined, SOURCE_CHECK: "x", RETENTION_DAYS: "x", WEBHOOK_TOKEN_PREVIOUS: "x" }],
    [true, { ALLOWED_SOURCES: "flashcat.cloud, 1.2.3.4" }],
    [true, { ADMIN_TOKEN: SET_UP.WEBHOOK_TOKEN }],
    [false, { WEBHOOK_TOKEN: undefined }],
    [false, { WEBHOOK_TOKEN: "short" }],
    [false, { ALLOWED_SOURCES: "" }],
    [false, { ALLOWED_SOURCES: "flashcat.cloud" }],
    [false, { SOURCE_CHECK: "report", ALLOWED_SOURCES: undefined }],
  ])("let pushes be received: %s with %j", (can, variables) => {
    expect(canReceive(settingsWith(variables))).toBe(can);
  });

  it.each([
    ["the webhook's", { WEBHOOK_TOKEN: "one-and-the-same-token", ADMIN_TOKEN: "one-and-the-same-token" }],
    ["the previous one's", { WEBHOOK_TOKEN_PREVIOUS: "one-and-the-same-token", ADMIN_TOKEN: "one-and-the-same-token" }],
    ["the webhook's but for blanks", { ADMIN_TOKEN: ` ${SET_UP.WEBHOOK_TOKEN}\n` }],
  ])("do not let %s token open the admin API: it is a fault, and nothing does", (_, variables) => {
    const { admin_tokens, faults, webhook_tokens } = settingsWith(variables);
    expect([admin_tokens, webhook_tokens.length > 0]).toEqual([[], true]);
    expect(faults).toEqual([
      "ADMIN_TOKEN must differ from WEBHOOK_TOKEN; set it with: wrangler secret put ADMIN_TOKEN (locally: a line in .dev.vars)",
    ]);
  });

  const ACCESS_AUD = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
  it.each(["my-team", "My-Team.cloudflareaccess.com", "https://my-team.cloudflareaccess.com", " my-team\n"])(
    "know Cloudflare Access by the team's name or its domain: %j",
    (ACCESS_TEAM) => {
      const access = { team_url: "https://my-team.cloudflareaccess.com", audience: ACCESS_AUD };
      expect(valuesWith({ ACCESS_TEAM, ACCESS_AUD }).access).toEqual(access);
    },
  );

  it.each<[string, Record<string, string>]>([
    ["ACCESS_TEAM", { ACCESS_AUD }],
    ["ACCESS_AUD", { ACCESS_TEAM: "my-team" }],
    ...[
      "https://evil.example",
      "my-team.cloudflareaccess.com.evil.example",
      "evil.example/my-team.cloudflareaccess.com",
      "my-team.cloudflareaccess.com/x",
      "http://my-team.cloudflareaccess.com",
      "user@my-team",
      "my team",
      "-",
      "a".repeat(64),
    ].map((ACCESS_TEAM): [string, Record<string, string>] => ["ACCESS_TEAM", { ACCESS_TEAM, ACCESS_AUD }]),
    ...["x", ACCESS_AUD.slice(1), `${ACCESS_AUD}0`, ACCESS_AUD.toUpperCase()].map(
      (wrong): [string, Record<string, string>] => ["ACCESS_AUD", { ACCESS_TEAM: "my-team", ACCESS_AUD: wrong }],
    ),
  ])("take no half of Cloudflare Access, and no wrong part: %s in %j", (name, variables) => {
    const { access, faults, admin_tokens } = settingsWith(variables);
    expect([access, admin_tokens]).toEqual([null, [SET_UP.ADMIN_TOKEN]]);
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name} must be .*; set it under \\[vars\\]`))]);
  });

  it("are read once for each environment", () => {
    for (const variables of [SET_UP, {}]) {
      const env = envOf({ ...variables });
      const read = readSettings(env);
      expect(readSettings(env)).toBe(read);
      expect(readSettings(envOf({ ...variables }))).not.toBe(read);
      expect(readSettings(envOf({ ...variables }))).toEqual(read);
    }
    expect([readSettings(envOf({ ...SET_UP })), readSettings(envOf({}))].map(canReceive)).toEqual([true, false]);
  });

  it.each([undefined, null, "", "  ", 17, {}])("a required token that is %j is missing", (token) => {
    expect(faultsWith({ WEBHOOK_TOKEN: token })).toEqual([expect.stringMatching(/^WEBHOOK_TOKEN is missing; /)]);
    expect(faultsWith({ ADMIN_TOKEN: token })).toEqual([expect.stringMatching(/^ADMIN_TOKEN is missing; /)]);
  });

  it.each(SECRETS)("%s is long, and fit for a header", (name) => {
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
      'ALLOWED_SOURCES: entry 2 is no address and no CIDR block; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): "203.0.113.7"',
    ]);
    const { sources } = settingsWith({ ALLOWED_SOURCES: "1.2.3.4, flashcat.cloud" });
    expect([isListed("1.2.3.4", sources), isListed("203.0.113.7", sources)]).toEqual([true, false]);
  });

  it("each wrong entry of the source list is a fault, by its number: it may be a secret that slipped in", () => {
    const faults = faultsWith({ ALLOWED_SOURCES: "hunter2 1.2.3.4, , hunter3,::1/129" });
    expect(faults.map((fault) => fault.split(";")[0])).toEqual([
      "ALLOWED_SOURCES: entry 1 is no address and no CIDR block",
      "ALLOWED_SOURCES: entry 3 is no address and no CIDR block",
      "ALLOWED_SOURCES: entry 4 is no address and no CIDR block",
    ]);
    expect(faults.join()).not.toMatch(/hunter|129/);
  });

  it.each(["Enforce", "enforced", "false", "report,enforce"])("SOURCE_CHECK is not guessed from %s", (check) => {
    expect(faultsWith({ SOURCE_CHECK: check })).toEqual([expect.stringMatching(/^SOURCE_CHECK must be/)]);
    expect(settingsWith({ SOURCE_CHECK: check }).source_check).toBe("enforce");
  });

  it("no token, right or wrong, is ever repeated in a fault", () => {
    const secrets = {
      WEBHOOK_TOKEN: "short-secret",
      WEBHOOK_TOKEN_PREVIOUS: "naïve-secret-0123456789",
      ADMIN_TOKEN: "a secret",
      FLASHDUTY_APP_KEY: "an app key",
    };
    const text = faultsWith({ ...secrets, SOURCE_CHECK: "hunter4", RETENTION_DAYS: "hunter5" }).join("\n");
    for (const [name, secret] of Object.entries(secrets)) {
      expect(text).toContain(name);
      expect(text).not.toContain(secret);
    }
    expect(text).not.toContain("hunter");
    expect(faultsWith({ ADMIN_TOKEN: SET_UP.WEBHOOK_TOKEN }).join()).not.toContain(SET_UP.WEBHOOK_TOKEN);
    expect(faultsWith({ SOURCE_CHECK: "x" }).join()).not.toContain(SET_UP.WEBHOOK_TOKEN);
  });
});

describe("Flashduty's own API", () => {
  const FLASHDUTY_APP_KEY = "an-app-key-0123456789";

  it("is left out where there is no key, whatever its address", () => {
    const FLASHDUTY_API_URL = "https://api.example";
    expect(valuesWith({ FLASHDUTY_API_URL }).flashduty).toBeNull();
    expect(valuesWith({ FLASHDUTY_APP_KEY: " " }).flashduty).toBeNull();
  });

  it("is the vendor's, where no address is set", () => {
    const url = "https://api.flashcat.cloud";
    expect(valuesWith({ FLASHDUTY_APP_KEY }).flashduty).toEqual({ url, app_key: FLASHDUTY_APP_KEY });
    expect(valuesWith({ FLASHDUTY_APP_KEY, FLASHDUTY_API_URL: "" }).flashduty?.url).toBe(url);
  });

  it.each(["https://api.example/flashduty", "http://localhost:4000", "http://127.0.0.1:4000"])(
    "may be at %s",
    (FLASHDUTY_API_URL) => {
      const { flashduty } = valuesWith({ FLASHDUTY_APP_KEY, FLASHDUTY_API_URL });
      expect(flashduty).toEqual({ url: FLASHDUTY_API_URL, app_key: FLASHDUTY_APP_KEY });
    },
  );

  it.each(["http://api.example", "https://user:hunter2@api.example", "api.flashcat.cloud", "ftp://api.example"])(
    "may not be at %s, for the key travels in the address: it is not asked at all, and pushes are received",
    (FLASHDUTY_API_URL) => {
      const settings = settingsWith({ FLASHDUTY_APP_KEY, FLASHDUTY_API_URL });
      expect(settings.faults).toEqual([
        'FLASHDUTY_API_URL must be an https address; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): "https://api.flashcat.cloud"',
      ]);
      expect([settings.flashduty, canReceive(settings)]).toEqual([null, true]);
    },
  );

  it("is not asked with a key that cannot be one; pushes are received", () => {
    const settings = settingsWith({ FLASHDUTY_APP_KEY: "short" });
    expect([settings.flashduty, canReceive(settings)]).toEqual([null, true]);
    expect(settings.faults).toEqual([
      "FLASHDUTY_APP_KEY must be 16 to 512 visible ASCII characters; set it with: wrangler secret put FLASHDUTY_APP_KEY (locally: a line in .dev.vars)",
    ]);
  });
});

describe("the language of what is written to an incident", () => {
  it.each([
    [undefined, "en"],
    ["", "en"],
    ["en", "en"],
    [" zh ", "zh"],
  ])("REPORT_LANGUAGE %j: %s", (REPORT_LANGUAGE, language) => {
    expect(valuesWith({ REPORT_LANGUAGE }).language).toBe(language);
  });

  it.each(["EN", "zh-CN", "fr", "zh,en"])("is not guessed from %s: it is English, and a fault", (REPORT_LANGUAGE) => {
    const { language, faults } = settingsWith({ REPORT_LANGUAGE });
    expect(language).toBe("en");
    expect(faults).toEqual([
      'REPORT_LANGUAGE must be "en" or "zh"; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): REPORT_LANGUAGE = "zh"',
    ]);
  });
});

describe("the dry run of the whole receiver", () => {
  it.each([
    [undefined, false],
    ["", false],
    ["off", false],
    [" on ", true],
  ])("DRY_RUN %j: %s", (DRY_RUN, dry_run) => {
    expect(valuesWith({ DRY_RUN }).dry_run).toBe(dry_run);
  });

  it.each(["ON", "true", "1", "yes", "no", "false", "of"])(
    "is meant by whoever writes DRY_RUN %j: nothing is called until it is put right; pushes are received",
    (DRY_RUN) => {
      const settings = settingsWith({ DRY_RUN });
      expect([settings.dry_run, canReceive(settings)]).toEqual([true, true]);
      expect(settings.faults).toEqual([
        'DRY_RUN must be "on" or "off"; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): DRY_RUN = "off"',
      ]);
    },
  );
});

describe("how long things are kept", () => {
  it.each([
    ["1", 1],
    [" 7 ", 7],
    ["3650", 3_650],
    ["", 30],
    [undefined, 30],
  ])("RETENTION_DAYS %j: %i days", (RETENTION_DAYS, days) => {
    expect(valuesWith({ RETENTION_DAYS }).retention_ms).toBe(days * DAY_MS);
  });

  it.each(["0", "3651", "-1", "1.5", "1e2", "30d", "0x10", "99999"])(
    "RETENTION_DAYS %j is a fault; pushes are received all the same, and nothing is forgotten sooner than by default",
    (RETENTION_DAYS) => {
      expect(faultsWith({ RETENTION_DAYS })).toEqual([
        'RETENTION_DAYS must be a whole number from 1 to 3650; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): RETENTION_DAYS = "30"',
      ]);
      const settings = settingsWith({ RETENTION_DAYS });
      expect({ ...settings, faults: [] }).toEqual(valuesWith({}));
      expect([canReceive(settings), settings.retention_ms]).toEqual([true, 30 * DAY_MS]);
    },
  );
});

const begun = (all: ReturnType<typeof readConnectorSettings>[]) => all.map((one) => one.ok || one.is_begun);

/** A binding by which a service in a private network is reached. */
const SERVICE = { fetch: () => Promise.reject(new Error("called")) };

describe("the settings of a connector", () => {
  const settings: ConnectorSetting[] = [
    { name: "RUNNER_URL", kind: "secret_url", required: true, through: "RUNNER_VPC" },
    { name: "RUNNER_TOKEN", kind: "secret", required: false },
    { name: "RUNNER_VPC", kind: "service", required: false },
  ];
  const RUNNER_URL = "https://runner.example/jobs?team=7";
  const read = (variables: Record<string, unknown>) => readConnectorSettings(envOf(variables), settings);
  const valuesIn = (variables: Record<string, unknown>) => {
    const all = read(variables);
    return all.ok ? all.settings.values : all.faults;
  };

  it("are given by name, without the optional ones that are not set", () => {
    expect(valuesIn({ RUNNER_URL, OTHER: "x" })).toEqual({ RUNNER_URL });
    expect(valuesIn({ RUNNER_URL, RUNNER_TOKEN: "" })).toEqual({ RUNNER_URL });
    const RUNNER_TOKEN = "two words";
    expect(valuesIn({ RUNNER_URL, RUNNER_TOKEN })).toEqual({ RUNNER_URL, RUNNER_TOKEN });
  });

  it("do not care for blanks around a value", () => {
    expect(valuesIn({ RUNNER_URL: ` ${RUNNER_URL}\n` })).toEqual({ RUNNER_URL });
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
      is_begun: true,
      is_meant: true,
    });
  });

  it("are found wrong all at once, with remedies and without values", () => {
    const faulty = read({ RUNNER_URL: "http://user:hunter2@x.example", RUNNER_TOKEN: "hunter3\nX-Evil: 1" });
    expect(faulty.ok ? [] : faulty.faults).toEqual([
      expect.stringMatching(/^RUNNER_URL must be .*wrangler secret put RUNNER_URL/),
      expect.stringMatching(
        /^RUNNER_TOKEN must be 8 or more visible ASCII characters on one line; .*wrangler secret put RUNNER_TOKEN/,
      ),
    ]);
    expect(JSON.stringify(faulty)).not.toMatch(/hunter|x\.example/);
  });

  it.each(["x".repeat(7), "x".repeat(4_097), "has-an-ümlaut", "line\nbreak in it", "with\ta tab in it"])(
    "a credential is long, and fit for a header: not %j",
    (RUNNER_TOKEN) => {
      expect(valuesIn({ RUNNER_URL, RUNNER_TOKEN })).toEqual([
        expect.stringMatching(/^RUNNER_TOKEN must be 8 or more/),
      ]);
    },
  );

  it.each(["x".repeat(8), "x".repeat(4_096), "two words"])(
    "a credential is long, and fit for a header: %j",
    (token) => {
      expect(valuesIn({ RUNNER_URL, RUNNER_TOKEN: token })).toEqual({ RUNNER_URL, RUNNER_TOKEN: token });
    },
  );

  it("that are required and missing are named", () => {
    const faults = [expect.stringMatching(/^RUNNER_URL is missing; set it with: /)];
    expect(read({})).toEqual({ ok: false, faults, is_begun: false, is_meant: false });
  });

  it("may be none at all", () => {
    const none = { values: {}, services: {}, secrets: [] };
    expect(readConnectorSettings(envOf({}), [])).toEqual({ ok: true, settings: none });
  });

  it("tell whether somebody has begun to set them, rightly or wrongly", () => {
    expect(begun([read({}), read({ RUNNER_TOKEN: " " }), read({ OTHER: "x" })])).toEqual([false, false, false]);
    expect(begun([read({ RUNNER_TOKEN: "12345678" }), read({ RUNNER_URL: "x" })])).toEqual([true, true]);
  });

  it("tell which values nobody may read: credentials, and addresses that are secrets", () => {
    const kinds = (["url", "secret_url", "secret", "text"] as const).map((kind) => ({
      name: kind.toUpperCase(),
      kind,
      required: true,
    }));
    const env = envOf({ URL: "https://a.example", SECRET_URL: "https://b.example", SECRET: "12345678", TEXT: "c" });
    const all = readConnectorSettings(env, kinds);
    expect(all.ok && all.settings.secrets).toEqual(["https://b.example", "12345678"]);
  });
});

describe("a setting with a default", () => {
  const settings: ConnectorSetting[] = [
    { name: "API_URL", kind: "url", required: true, default: "https://api.example" },
    { name: "API_TOKEN", kind: "secret", required: true },
  ];
  const read = (variables: Record<string, unknown>) => readConnectorSettings(envOf(variables), settings);

  it("has it where nothing is set, and what is set where something is", () => {
    const API_TOKEN = "12345678";
    expect(read({ API_TOKEN })).toMatchObject({ settings: { values: { API_URL: "https://api.example", API_TOKEN } } });
    const API_URL = "https://enterprise.example";
    expect(read({ API_TOKEN, API_URL })).toMatchObject({ settings: { values: { API_URL, API_TOKEN } } });
    expect(read({ API_TOKEN, API_URL: " " })).toMatchObject({
      settings: { values: { API_URL: "https://api.example" } },
    });
  });

  it("is checked as it is set", () => {
    const faults = [expect.stringMatching(/^API_URL must be an https address.*; set it under \[vars\]/)];
    expect(read({ API_TOKEN: "12345678", API_URL: "http://api.example" })).toMatchObject({ ok: false, faults });
  });

  it("does not mean that somebody has begun, set or not: it may be there for another action", () => {
    expect(read({})).toMatchObject({ ok: false, is_begun: false });
    expect(read({ API_URL: "https://enterprise.example" })).toMatchObject({ ok: false, is_begun: false });
  });
});

describe("a setting that is a name", () => {
  const JOB: ConnectorSetting = { name: "JOB", kind: "text", required: true };
  const read = (value: unknown) => readConnectorSettings(envOf({ JOB: value }), [JOB]);

  it.each(["x", "restart the host", "部署/web", "a".repeat(5_000), "a=b&c"])("may be %j", (value) => {
    expect(read(value)).toEqual({ ok: true, settings: { values: { JOB: value }, services: {}, secrets: [] } });
  });

  it.each(["a\nb", "a\u0000b", "a\tb", "a\u0085b"])("is one line: not %j", (value) => {
    const faults = [
      'JOB must be one line of text; set it under [vars] in wrangler.toml (locally: a line in .dev.vars): JOB = "…"',
    ];
    expect(read(value)).toEqual({ ok: false, faults, is_begun: true, is_meant: true });
  });

  it.each([undefined, "", "  ", 7, {}])("is missing where it is %j", (value) => {
    expect(read(value)).toMatchObject({ ok: false, faults: [expect.stringMatching(/^JOB is missing; /)] });
  });

  it("may be left out where it is optional", () => {
    const settings = { values: {}, services: {}, secrets: [] };
    expect(readConnectorSettings(envOf({}), [{ ...JOB, required: false }])).toEqual({ ok: true, settings });
  });
});

describe("a service in a private network", () => {
  const settings: ConnectorSetting[] = [
    { name: "RUNNER_URL", kind: "url", required: true, through: "RUNNER_VPC" },
    { name: "RUNNER_VPC", kind: "service", required: false },
  ];
  const read = (variables: Record<string, unknown>) => readConnectorSettings(envOf(variables), settings);
  const RUNNER_URL = "http://runner.internal:8080";

  it("is given where it is bound, and no value; its address may be http", () => {
    expect(read({ RUNNER_URL, RUNNER_VPC: SERVICE })).toEqual({
      ok: true,
      settings: { values: { RUNNER_URL }, services: { RUNNER_VPC: SERVICE }, secrets: [] },
    });
  });

  it.each([undefined, null, "RUNNER_VPC", {}, { fetch: "no" }])("is none where its binding is %j", (RUNNER_VPC) => {
    expect(read({ RUNNER_URL, RUNNER_VPC })).toMatchObject({ ok: false });
    const sound = read({ RUNNER_URL: "https://runner.example", RUNNER_VPC });
    expect(sound.ok && sound.settings.services).toEqual({});
  });

  it("of another target does not make an address private", () => {
    expect(read({ RUNNER_URL, OTHER_VPC: SERVICE })).toMatchObject({ ok: false });
  });

  it.each(["http://user:password@runner.internal", "ftp://runner.internal", "runner.internal"])(
    "does not make %s an address",
    (url) => {
      expect(read({ RUNNER_URL: url, RUNNER_VPC: SERVICE })).toMatchObject({ ok: false });
    },
  );

  it("alone does not mean that somebody has begun", () => {
    expect(read({ RUNNER_VPC: SERVICE })).toMatchObject({ ok: false, is_begun: false });
  });
});

describe("what somebody else has sent", () => {
  const token = "q1+x/Zk3aa0PPw9sX7w==";
  const settings = settingsWith({ WEBHOOK_TOKEN: token });
  it.each([
    ["as it is", token],
    ["as a query carries it", encodeURIComponent(token)],
    [
      "in lower case where it is escaped",
      encodeURIComponent(token).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    ],
    ["in base64", btoa(`Bearer ${token}`)],
  ])("is told without a token, %s", (_, text) => {
    expect(withoutTokens(`/webhooks/incident?token=${text}`, settings)).not.toContain(text);
  });
});
