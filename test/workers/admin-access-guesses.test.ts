// Whoever fails to open the door of /admin is slowed down, and nobody else.
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { linesOf } from "./logged.ts";
import { fail, standIn } from "./platform.ts";
import { kindOf, problemOf } from "./push.ts";
import { guessOn, guessWrong, logIn, loginOf, newAddress, visit } from "./visitor.ts";
import { until } from "./until.ts";

const API = "/admin/api/switch";
const PROGRAM = { headers: { Authorization: `Bearer ${env.ADMIN_TOKEN}` } };
const WRONG = { headers: { Authorization: "Bearer a-token-of-somebody-else" } };
const WRONG_FORM = loginOf({ token: "a-token-of-somebody-else" });

/** Guesses as often as it takes. Ten in a minute are let through, and on the way a new minute may begin. */
async function guessTooOften(path: string, sent: NonNullable<Parameters<typeof visit>[1]>): Promise<Response> {
  for (let times = 0; times < 22; times++) {
    const response = await guessOn(path, sent);
    if (response.status === 429) return response;
  }
  throw new Error("nobody was refused");
}

describe("a wrong guess", () => {
  it.each([
    ["token", API, WRONG],
    ["form", "/admin/login", WRONG_FORM],
  ])("is answered after a second: %s", async (_, path, sent) => {
    let is_answered = false;
    const answer = visit(path, sent).finally(() => {
      is_answered = true;
    });
    await until(() => vi.getTimerCount() > 0);
    vi.advanceTimersByTime(999);
    await scheduler.wait(1);
    expect(is_answered).toBe(false);
    vi.advanceTimersByTime(1);
    expect((await answer).ok).toBe(false);
  });

  it.each([
    ["fails", fail],
    ["is missing", undefined],
  ])("is one, and a right one is right, where the counter %s", async (_, limit) => {
    const parts = { LOGINS: standIn(env.LOGINS, { limit }) };
    expect((await guessWrong(API, WRONG, parts)).status).toBe(401);
    expect((await visit(API, PROGRAM, parts)).status).toBe(200);
    expect(linesOf("admin.uncounted")).toHaveLength(1);
  });
});

describe("whoever guesses too often", () => {
  it("is not who was wrong a few times", async () => {
    const from = newAddress();
    for (let times = 0; times < 5; times++) expect((await guessWrong(API, { ...WRONG, from })).status).toBe(401);
    expect((await visit(API, { ...PROGRAM, from })).status).toBe(200);
  });

  it("is refused at once for a minute; but who is right beside them is let in", async () => {
    const from = newAddress();
    const refused = await guessTooOften(API, { ...WRONG, from });
    expect(refused.headers.get("Retry-After")).toBe("60");
    expect(kindOf(await problemOf(refused))).toBe("too-many-attempts");
    expect((await visit(API, { ...WRONG, from })).status).toBe(429);
    expect(linesOf("admin.refused").at(-1)).toMatchObject({ why: "too_often", source: from });
    expect((await visit(API, { ...PROGRAM, from })).status).toBe(200);

    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 61_000);
    expect((await guessWrong(API, { ...WRONG, from })).status).toBe(401);
  });

  it("is told so by the form as well, and gets no session", async () => {
    const from = newAddress();
    const refused = await guessTooOften("/admin/login", { ...WRONG_FORM, from });
    expect(await refused.text()).toContain("Try again in a minute");
    const right = await visit("/admin/login", { ...loginOf(), from });
    expect([right.status, right.headers.get("Retry-After"), right.headers.get("Set-Cookie")]).toEqual([
      429,
      "60",
      null,
    ]);
  });

  it("locks out nobody who comes another way from the same address, or has come in already", async () => {
    const from = newAddress();
    await guessTooOften(API, { ...WRONG, from });
    expect((await visit("/admin/login", { ...loginOf(), from })).status).toBe(303);
    expect((await visit(API, { headers: { Cookie: await logIn() }, from })).status).toBe(200);
    expect((await visit(API, PROGRAM)).status).toBe(200);
  });

  it.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429],
    ["2001:db8:1:3::1", "2001:db8:1:4::1", 303],
    ["::ffff:192.0.2.1", "192.0.2.1", 429],
  ])("is a network, not an address: after %s comes %s", async (from, other, status) => {
    await guessTooOften("/admin/login", { ...WRONG_FORM, from });
    expect((await visit("/admin/login", { ...loginOf(), from: other })).status).toBe(status);
  });

  it("is not the program that is right, however often it asks", async () => {
    const from = newAddress();
    for (let times = 0; times < 30; times++) expect((await visit(API, { ...PROGRAM, from })).status).toBe(200);
  });

  it("is nobody who carries nothing, or a session that is over", async () => {
    const from = newAddress();
    for (let times = 0; times < 30; times++) await visit(API, { headers: { Cookie: "__Host-flashduty-edge=x" }, from });
    expect((await visit(API, { ...PROGRAM, from })).status).toBe(200);
  });
});

describe("the headers that keep a browser from doing harm", () => {
  it.each<[string, number, () => Promise<Response>]>([
    ["what was asked for", 200, async () => visit(API, PROGRAM)],
    ["the form", 200, async () => visit("/admin/login")],
    ["a redirect", 303, async () => visit("/admin", { headers: { Accept: "text/html" } })],
    ["a log-in", 303, async () => visit("/admin/login", loginOf())],
    ["a wrong token", 401, async () => guessWrong(API, WRONG)],
    ["a forged request", 403, async () => visit("/admin/login", { method: "POST" })],
    ["what there is not", 404, async () => visit("/admin/api/nothing", PROGRAM)],
    ["what broke", 500, async () => visit(API, PROGRAM, { GUARD: standIn(env.GUARD, { getByName: 0 }) })],
    ["what is not set up", 503, async () => visit(API, PROGRAM, { ADMIN_TOKEN: "" })],
  ])("come with %s", async (_, status, ask) => {
    const { status: answered, headers } = await ask();
    expect(answered).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "strict-transport-security": "max-age=31536000",
      "cache-control": "no-store",
    });
    expect(headers.get("Permissions-Policy")).toContain("camera=()");
  });
});
