// Cloudflare Access before /admin: whom it vouches for comes in, and nobody else.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { app } from "../../src/app.ts";
import { like } from "./like.ts";
import { linesOf, logged } from "./logged.ts";
import { fail } from "./platform.ts";
import { kindOf, problemOf } from "./push.ts";
import { FORM, guessWrong, HOME, logIn, SCRIPT, visit } from "./visitor.ts";

const ACCESS_AUD = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
const ISSUER = "https://team.cloudflareaccess.com";
const GATE = { ACCESS_TEAM: "team", ACCESS_AUD };
const API = "/admin/api/switch";

const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: "key-1", alg: "RS256", use: "sig" };
const other = await generateKeyPair("RS256");
const now = Math.floor(Date.now() / 1_000);
const CLAIMS = { aud: [ACCESS_AUD], iss: ISSUER, iat: now - 60, nbf: now - 60, exp: now + 3_600, type: "app" };
const PERSON = { ...CLAIMS, email: "lisi@example.com", sub: "7335d417-61da-459d-899c-0a01c76a2f94" };
const SERVICE = { ...CLAIMS, common_name: "e367826f93b8d71185e03fe518aff3b4.access", sub: "" };

async function signed(claims: JWTPayload, key = privateKey, kid = "key-1", alg = "RS256"): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(key);
}

const vouched = async (claims: JWTPayload = PERSON, more: Record<string, string> = {}) => ({
  headers: { ...more, "Cf-Access-Jwt-Assertion": await signed(claims) },
});

beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    expect(input instanceof Request ? input.url : String(input)).toBe(`${ISSUER}/cdn-cgi/access/certs`);
    return Response.json({ keys: [jwk] });
  });
});

describe("whom Cloudflare Access vouches for", () => {
  it.each(["team", "team.cloudflareaccess.com", "https://Team.cloudflareaccess.com/"])(
    "comes in, with the team set as %s",
    async (ACCESS_TEAM) => {
      expect((await visit(API, await vouched(), { ACCESS_TEAM, ACCESS_AUD })).status).toBe(200);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("decides under the address that Access has verified, whatever the request claims", async () => {
    const sent = { method: "PUT", ...(await vouched(PERSON, SCRIPT)) };
    const body = JSON.stringify({ action: "restart-host", set: "stopped", by: "zhangsan", reason: "the wrong hosts" });
    const response = await visit(API, { ...sent, body }, GATE);
    expect(await response.json()).toMatchObject({ stops: [{ by: "lisi@example.com" }] });
    expect(linesOf("switch.changed")).toMatchObject([{ by: "lisi@example.com", door: "access" }]);
  });

  it("may be a program with a service token: it says in whose name it decides", async () => {
    const sent = { method: "PUT", ...(await vouched(SERVICE, { "Content-Type": "application/json" })) };
    const change = { action: "restart-host", set: "running", reason: "they are the right ones" };
    expect((await visit(API, { ...sent, body: JSON.stringify(change) }, GATE)).status).toBe(400);
    expect((await visit(API, { ...sent, body: JSON.stringify({ ...change, by: "a job" }) }, GATE)).status).toBe(200);
  });

  it.each([
    ["a person", PERSON, {}],
    ["a person", PERSON, { ...SCRIPT, Origin: "https://evil.example" }],
    ["a program that is a browser", SERVICE, { ...SCRIPT, Origin: "https://evil.example" }],
  ])("is %s, and another site makes the browser send it", async (_, claims, more) => {
    const sent = { method: "PUT", ...(await vouched(claims, more)), body: "{}" };
    expect(kindOf(await problemOf(await visit(API, sent, GATE)))).toBe("not-our-page");
  });

  it("costs one look at the team's keys", async () => {
    const settings = { ...env, ...GATE };
    for (const path of [API, "/admin/api/nothing", API]) {
      const request = new Request(HOME + path, await vouched());
      await app.fetch(request, settings, createExecutionContext());
    }
    expect(globalThis.fetch).toHaveBeenCalledTimes(1);
  });
});

describe("an assertion", () => {
  const published = new TextEncoder().encode(JSON.stringify(jwk));
  const { exp: _exp, ...endless } = PERSON;
  const { iss: _iss, ...ofNobody } = PERSON;

  it.each<[string, () => Promise<string> | string]>([
    ["is too old", async () => signed({ ...PERSON, exp: now - 1 })],
    ["has no end", async () => signed(endless)],
    ["does not hold yet", async () => signed({ ...PERSON, nbf: now + 600 })],
    ["is for another application", async () => signed({ ...PERSON, aud: ["f".repeat(64)] })],
    ["is for none", async () => signed({ ...PERSON, aud: [] })],
    ["is of another team", async () => signed({ ...PERSON, iss: "https://other.cloudflareaccess.com" })],
    ["is of nobody", async () => signed(ofNobody)],
    ["names nobody", async () => signed({ ...CLAIMS, sub: "somebody" })],
    ["names an empty somebody", async () => signed({ ...CLAIMS, email: " ", common_name: "" })],
    ["is signed with another key", async () => signed(PERSON, other.privateKey)],
    ["is signed with a key that nobody knows", async () => signed(PERSON, other.privateKey, "key-2")],
    ["is not signed", () => new UnsecuredJWT(PERSON).encode()],
    [
      "is signed with what everybody knows",
      async () => new SignJWT(PERSON).setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(published),
    ],
    ["was changed", async () => (await signed(PERSON)).replace(/\.[^.]+\./, `.${btoa(JSON.stringify(PERSON))}.`)],
    ["is none", () => "lisi@example.com"],
    ["is empty", () => ""],
  ])("lets nobody in that %s, not even with a session", async (_, assertion) => {
    const headers = {
      Accept: "text/html",
      Cookie: await logIn("lisi", GATE),
      "Cf-Access-Jwt-Assertion": await assertion(),
    };
    const problem = await problemOf(await guessWrong("/admin", { headers }, GATE));
    expect([problem.status, kindOf(problem)]).toEqual([401, "wrong-assertion"]);
    expect(linesOf("admin.refused")).toMatchObject([{ why: "wrong_assertion", because: like(/./) }]);
  });

  it("does not get in the way of the token", async () => {
    const headers = { Authorization: `Bearer ${env.ADMIN_TOKEN}`, "Cf-Access-Jwt-Assertion": "nonsense" };
    expect((await visit(API, { headers }, GATE)).status).toBe(200);
  });

  it.each<[string, object]>([
    ["not set up", {}],
    ["set up by half", { ACCESS_TEAM: "team" }],
    ["set up by the other half", { ACCESS_AUD }],
    ["set up wrongly", { ACCESS_TEAM: "https://evil.example", ACCESS_AUD }],
  ])("means nothing where Access is %s", async (_, settings) => {
    expect((await visit(API, await vouched(), settings)).status).toBe(401);
    expect(globalThis.fetch).not.toHaveBeenCalled();
  });

  it.each<[string, () => Promise<Response>]>([
    ["cannot be reached", fail],
    ["are not there", async () => new Response("no", { status: 500 })],
    ["lie elsewhere", async () => Response.redirect("https://evil.example/certs")],
    ["are no JSON", async () => new Response("<html>")],
    ["are no keys", async () => Response.json({ keys: "none" })],
  ])("lets nobody in, and blames nobody, while the team's keys %s", async (_, answer) => {
    vi.mocked(globalThis.fetch).mockImplementationOnce(answer);
    const settings = { ...env, ...GATE };
    const ask = async () => app.fetch(new Request(HOME + API, await vouched()), settings, createExecutionContext());
    expect(kindOf(await problemOf(await ask()))).toBe("keys-unreachable");
    expect((await ask()).status).toBe(200);
  });

  it("is told to nobody", async () => {
    const sent = await vouched({ ...PERSON, aud: "x" });
    const page = await (await guessWrong("/admin", sent, GATE)).text();
    for (const part of sent.headers["Cf-Access-Jwt-Assertion"].split("."))
      expect(page + logged().join()).not.toContain(part);
  });
});

it("a form of ours is taken from whom Access has let in", async () => {
  const sent = { method: "POST", ...(await vouched(PERSON, FORM)), body: {} };
  expect((await visit("/admin/nothing", sent, GATE)).status).toBe(404);
});
