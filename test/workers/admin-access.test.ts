// Who comes in at the door of /admin, and who does not.
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { MOST_NAME } from "../../src/admin/who.ts";
import { app } from "../../src/app.ts";
import { linesOf, logged } from "./logged.ts";
import { type Changes, kindOf, problemOf } from "./push.ts";
import { cookieIn, FORM, guessWrong, HOME, logIn, loginOf, SCRIPT, visit } from "./visitor.ts";

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const PROGRAM = bearer(env.ADMIN_TOKEN);
const BROWSER = { Accept: "text/html,application/xhtml+xml" };
const API = "/admin/api/switch";
const STOP = { action: "restart-host", set: "stopped", reason: "the wrong hosts" };

/** What is refused, and how. */
async function refusalIn(response: Response): Promise<[number, string]> {
  return [response.status, kindOf(await problemOf(response))];
}

/** An environment that tells which of the platform's parts were touched. */
function watched(): { touched: string[]; parts: Changes } {
  const touched: string[] = [];
  const bindings = Object.entries(env).filter(([name, part]) => typeof part === "object" && name !== "MIGRATIONS");
  const parts: Changes = {};
  for (const [name, part] of bindings) Reflect.set(parts, name, new Proxy(part, { get: () => touched.push(name) }));
  return { touched, parts };
}

describe("without a log-in", () => {
  const admin = app.routes.filter(({ path }) => path === "/admin" || path.startsWith("/admin/"));
  const addresses = admin.map(({ method, path }) => [
    method === "ALL" ? "GET" : method,
    path.replaceAll(/:\w+(\{[^}]*\})?/g, "0").replaceAll("*", "0"),
  ]);
  const open = /^\/admin\/(login|assets\/.*)$/;

  it("nothing under /admin is read or changed, by whichever address", async () => {
    expect(addresses.length).toBeGreaterThan(10);
    for (const [method = "", path = ""] of [...addresses, ["GET", "/admin/"], ["GET", "/admin/nothing"]]) {
      const { touched, parts } = watched();
      const answers = [await visit(path, { method }, parts), await visit(path, { method, headers: BROWSER }, parts)];
      expect([method, path, touched]).toEqual([method, path, []]);
      if (method === "GET" && open.test(path)) continue;
      for (const { status, headers } of answers)
        expect([method, path, status, status === 303 && headers.get("Location")?.slice(0, 16)]).toEqual(
          [401, 403].includes(status) ? [method, path, status, false] : [method, path, 303, "/admin/login?to="],
        );
    }
  });

  it.each([
    ["/admin", "/admin/login?to=%2Fadmin"],
    ["/admin/runs?state=waiting&q=%2F", "/admin/login?to=%2Fadmin%2Fruns%3Fstate%3Dwaiting%26q%3D%252F"],
    ["/admin/openapi", "/admin/login?to=%2Fadmin%2Fopenapi"],
  ])("a browser at %s is led to the form, and back afterwards", async (path, way) => {
    const response = await visit(path, { headers: BROWSER });
    expect([response.status, response.headers.get("Location")]).toEqual([303, way]);
    const to = new URL(way, HOME).searchParams.get("to") ?? "";
    expect((await visit("/admin/login", loginOf({ to }))).headers.get("Location")).toBe(path);
    expect(linesOf("admin.refused")).toEqual([]);
  });

  it.each([["/admin/api/switch"], ["/admin/metrics"], ["/admin/openapi.json"], ["/admin/api"]])(
    "a browser at %s, which is for programs, is told what is missing",
    async (path) => {
      const response = await visit(path, { headers: BROWSER });
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
      expect(await refusalIn(response)).toEqual([401, "wrong-token"]);
    },
  );
});

describe("a token in the header", () => {
  it.each([
    ["a wrong one", "Bearer a-token-of-somebody-else"],
    ["that of the webhooks", `Bearer ${env.WEBHOOK_TOKEN}`],
    ["an empty one", "Bearer "],
    ["another scheme", `Basic ${btoa(`admin:${env.ADMIN_TOKEN}`)}`],
  ])("is refused where it is wrong, whatever else comes along: %s", async (_, Authorization) => {
    const headers = { ...BROWSER, Authorization, Cookie: await logIn() };
    for (const path of ["/admin", API, "/admin/api/nothing"]) {
      const response = await guessWrong(path, { headers });
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
      expect([path, ...(await refusalIn(response))]).toEqual([path, 401, "wrong-token"]);
    }
    expect(linesOf("admin.refused")).toHaveLength(3);
    expect(linesOf("admin.refused")[0]).toMatchObject({ why: "wrong_token", path: "/admin" });
  });

  it("opens where it is right, at once, and needs no word of where it comes from", async () => {
    expect((await visit(API, { headers: PROGRAM })).status).toBe(200);
    const body = JSON.stringify({ ...STOP, by: "a program" });
    const headers = { ...PROGRAM, "Content-Type": "application/x-www-form-urlencoded" };
    expect((await visit(API, { method: "PUT", headers, body })).status).toBe(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("opens where only a setting of the webhooks is wrong", async () => {
    const settings = { WEBHOOK_TOKEN: "", ALLOWED_SOURCES: "nonsense" };
    expect((await visit(API, { headers: PROGRAM }, settings)).status).toBe(200);
  });

  const SHARED = "a-token-that-is-used-for-both";
  it.each<[string, string, Changes]>([
    ["is not set", "", { ADMIN_TOKEN: "" }],
    ["is that of the webhooks", SHARED, { WEBHOOK_TOKEN: SHARED, ADMIN_TOKEN: SHARED }],
    ["is their previous one", SHARED, { WEBHOOK_TOKEN_PREVIOUS: SHARED, ADMIN_TOKEN: SHARED }],
    ["is short", "short-secret", { ADMIN_TOKEN: "short-secret" }],
  ])("opens nothing where ADMIN_TOKEN %s, nor does the form or an old session", async (_, token, settings) => {
    const Cookie = await logIn();
    for (const [path, sent] of [
      [API, { headers: bearer(token) }],
      ["/admin", { headers: { ...BROWSER, Cookie } }],
      ["/admin/login", {}],
      ["/admin/login", loginOf({ token })],
    ] as const) {
      const problem = await problemOf(await visit(path, sent, settings));
      expect([path, problem.status, kindOf(problem)]).toEqual([path, 503, "not-set-up"]);
      expect(problem.detail).toMatch(/^ADMIN_TOKEN .*wrangler secret put ADMIN_TOKEN/);
      expect(JSON.stringify([problem, logged()])).not.toContain(token || env.ADMIN_TOKEN);
    }
  });
});

describe("a person who logs in", () => {
  it("gets a session that a browser keeps to itself, for twelve hours", async () => {
    const response = await visit("/admin/login", loginOf({ to: "/admin/runs?state=waiting", name: " 李四 " }));
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/admin/runs?state=waiting"]);
    const [value, ...manners] = response.headers.get("Set-Cookie")?.split("; ") ?? [];
    expect(value).toMatch(/^__Host-flashduty-edge=/);
    expect(manners.toSorted()).toEqual(["HttpOnly", "Max-Age=43200", "Path=/", "SameSite=Strict", "Secure"]);
    expect((await visit(API, { headers: { Cookie: cookieIn(response) } })).status).toBe(200);
    expect(linesOf("session.begun")).toMatchObject([{ name: "李四" }]);
  });

  it("may have the longest name there is: the cookie is no larger than a browser keeps", async () => {
    const cookie = await logIn("李".repeat(MOST_NAME));
    expect(cookie.length).toBeLessThan(4_096);
    expect(await opens(cookie)).toBe(200);
  });

  it("is not let in by the token's own name, as by one that was filled in twice", async () => {
    const response = await visit("/admin/login", loginOf({ name: `${env.ADMIN_TOKEN} lisi` }));
    expect([response.status, response.headers.get("Set-Cookie")]).toEqual([400, null]);
  });

  it("decides under the name of the log-in, whatever the request claims", async () => {
    const headers = { ...SCRIPT, Cookie: await logIn("lisi") };
    for (const claimed of [{}, { by: "zhangsan" }]) {
      const body = JSON.stringify({ ...STOP, ...claimed });
      const response = await visit(API, { method: "PUT", headers, body });
      expect(await response.json()).toMatchObject({ stops: [{ by: "lisi" }] });
    }
  });

  it("leaves nothing of token and cookie in the log or on a page", async () => {
    const cookie = await logIn();
    const pages = [
      await guessWrong("/admin/login", loginOf({ token: "hunter2-hunter2" })),
      await visit("/admin/login", loginOf({ name: "", token: env.ADMIN_TOKEN })),
      await visit("/admin/login", loginOf({ name: env.ADMIN_TOKEN })),
      await visit("/admin/login", loginOf({ name: env.WEBHOOK_TOKEN, token: "" })),
      await visit("/admin/login", { headers: { Cookie: cookie } }),
      await visit(`/admin/api/${env.ADMIN_TOKEN}`),
    ];
    const said = JSON.stringify([...(await Promise.all(pages.map(async (page) => page.text()))), logged()]);
    for (const secret of [env.ADMIN_TOKEN, env.WEBHOOK_TOKEN, "hunter2", cookie.split("=")[1] ?? ""])
      expect(said).not.toContain(secret);
  });

  it.each<[string, Record<string, string>, number]>([
    ["a wrong token", { token: "a-token-of-somebody-else" }, 403],
    ["the webhooks' token", { token: env.WEBHOOK_TOKEN }, 403],
    ["no token", { token: " " }, 400],
    ["no name", { name: " " }, 400],
    ["a long name", { name: "a".repeat(MOST_NAME + 1) }, 400],
    ["a name with a line break", { name: "li\nsi" }, 400],
  ])("is shown the form again, and what is wrong, after %s", async (_, fields, status) => {
    const send = status === 403 ? guessWrong : visit;
    const response = await send("/admin/login", loginOf({ to: "/admin/runs?a=<b>", ...fields }));
    const page = await response.text();
    expect([response.status, response.headers.get("Set-Cookie")]).toEqual([status, null]);
    expect(page).toContain('role="alert"');
    expect(page).toContain('value="/admin/runs?a=%3Cb%3E"');
  });

  it.each([
    ["zh-CN,zh;q=0.9,en;q=0.8", "登录"],
    ["en-US", "Log in"],
    ["fr", "Log in"],
  ])("reads the form in the browser's language: %s", async (language, title) => {
    const page = await (await visit("/admin/login", { headers: { "Accept-Language": language } })).text();
    expect(page).toMatch(new RegExp(`<h1>(<bdi>)?${title}<`));
  });

  it.each([
    ["cross-site", "0; url=/admin/incidents/a?b=c"],
    ["same-site", "0; url=/admin/incidents/a?b=c"],
    ["same-origin", null],
    ["none", null],
  ])("is led on by our own page, which the cookie goes along with, after a link that is %s", async (from, refresh) => {
    const to = encodeURIComponent("/admin/incidents/a?b=c");
    const { headers } = await visit(`/admin/login?to=${to}`, { headers: { "Sec-Fetch-Site": from } });
    expect(headers.get("Refresh")).toBe(refresh);
  });

  it("logs out: the cookie is taken away", async () => {
    const cookie = await logIn("lisi");
    const response = await visit("/admin/logout", { method: "POST", headers: { ...FORM, Cookie: cookie }, body: {} });
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/admin/login"]);
    expect(response.headers.get("Set-Cookie")).toMatch(/^__Host-flashduty-edge=; Max-Age=0; Path=\/; /);
    expect(linesOf("session.ended")).toMatchObject([{ name: "lisi" }]);
  });

  it.each(["https://evil.example/admin", "//evil.example/admin", "/\\evil.example/admin", "/admin/..//evil.example"])(
    "is led nowhere else afterwards: %s",
    async (to) => {
      expect((await visit("/admin/login", loginOf({ to }))).headers.get("Location")).toBe("/admin");
      expect(await (await visit(`/admin/login?to=${encodeURIComponent(to)}`)).text()).not.toContain("evil");
    },
  );
});

async function opens(Cookie: string): Promise<number> {
  return (await visit(API, { headers: { Cookie } })).status;
}

describe("a session", () => {
  it("ends after twelve hours, even where the cookie is still sent", async () => {
    const began = Date.now();
    const cookie = await logIn();
    vi.spyOn(Date, "now").mockReturnValue(began + 43_200_000 - 60_000);
    expect(await opens(cookie)).toBe(200);
    vi.spyOn(Date, "now").mockReturnValue(began + 43_200_000 + 60_000);
    expect(await opens(cookie)).toBe(401);
  });

  it("ends with the token that began it", async () => {
    expect(await opens(await logIn("lisi", { ADMIN_TOKEN: "the-admin-token-before-this" }))).toBe(401);
  });

  it.each<[string, (session: string, signature: string) => string]>([
    ["says another name", (session, signature) => `${session.replace("lisi", "wang")}.${signature}`],
    ["says another end", (session, signature) => `${session.replace(/:\d+/, ":9999999999999")}.${signature}`],
    [
      "has another signature",
      (session, signature) => `${session}.${signature.replace(/^./, (c) => (c === "A" ? "B" : "A"))}`,
    ],
    ["has no signature", (session) => session],
    ["has an empty signature", (session) => `${session}.`],
    ["is no session", () => "lisi"],
    ["is empty", () => ""],
  ])("is none where its cookie %s", async (_, spoil) => {
    const [name = "", value = ""] = (await logIn("lisi")).split("=");
    const [, session = "", signature = ""] = /^(.*)\.([^.]*)$/.exec(decodeURIComponent(value)) ?? [];
    expect(await opens(`${name}=${encodeURIComponent(`${session}.${signature}`)}`)).toBe(200);
    expect(await opens(`${name}=${encodeURIComponent(spoil(session, signature))}`)).toBe(401);
  });

  it("is none under a name that a page of another host could set", async () => {
    const cookie = await logIn();
    expect(await opens(cookie.replace("__Host-", ""))).toBe(401);
    expect(await opens(cookie.replace("__Host-", "__Secure-"))).toBe(401);
  });
});

function without(name: string, headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([given]) => given !== name));
}

describe("what another site makes a browser send", () => {
  const ways: [string, (headers: Record<string, string>) => Record<string, string>][] = [
    [
      "comes from another site",
      (given) => ({ ...given, Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" }),
    ],
    [
      "comes from a neighbour",
      (given) => ({ ...given, Origin: "https://www.edge.example", "Sec-Fetch-Site": "same-site" }),
    ],
    ["comes without encryption", (given) => ({ ...given, Origin: "http://edge.example" })],
    ["comes from nowhere", (given) => ({ ...given, Origin: "null" })],
    ["does not say where from", (given) => without("Origin", given)],
    ["contradicts itself", (given) => ({ ...given, "Sec-Fetch-Site": "cross-site" })],
    ["is plain text", (given) => ({ ...given, "Content-Type": "text/plain" })],
    ["is of no type", (given) => without("Content-Type", given)],
  ];

  it.each(ways)("changes nothing through the API where it %s", async (_, spoil) => {
    const headers = { ...SCRIPT, Cookie: await logIn() };
    const sent = { method: "PUT", body: JSON.stringify({ ...STOP, reason: "forged" }) };
    expect(await refusalIn(await visit(API, { ...sent, headers: spoil(headers) }))).toEqual([403, "not-our-page"]);
    expect(await (await visit(API, { headers })).text()).not.toContain("forged");
    expect(linesOf("admin.refused")).toMatchObject([{ why: "forged" }]);
  });

  it.each(ways)("neither logs anybody in nor out where it %s", async (_, spoil) => {
    const Cookie = await logIn();
    const forged = [
      await visit("/admin/login", loginOf({}, spoil(FORM))),
      await visit("/admin/logout", { method: "POST", headers: spoil({ ...FORM, Cookie }), body: "a=b" }),
    ];
    for (const response of forged) {
      expect(response.headers.get("Set-Cookie")).toBeNull();
      expect(await refusalIn(response)).toEqual([403, "not-our-page"]);
    }
  });

  it("is no form that the API takes, and no JSON that a page takes", async () => {
    const Cookie = await logIn();
    const asForm = await visit(API, { method: "PUT", headers: { ...FORM, Cookie }, body: STOP });
    const asJson = await visit("/admin/switch", { method: "POST", headers: { ...SCRIPT, Cookie }, body: "{}" });
    expect([asForm.status, asJson.status]).toEqual([403, 403]);
  });
});
