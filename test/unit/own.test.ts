import { describe, expect, it, vi } from "vitest";
import { openApi, type OpenApi } from "../../src/flashduty/open-api.ts";
import { isOwnIdKnown, ownId, ownIdNow } from "../../src/flashduty/own.ts";
import { envOf, SET_UP } from "./settings.ts";

vi.spyOn(console, "log").mockImplementation(() => {});

async function broken(): Promise<never> {
  throw new Error("KV is down");
}

/** What Flashduty answers to the question whose key it is. */
const LISI = { request_id: "r", data: { member_id: 42 } };

let keys = 0;

/** A Worker with a key that no other test has, its KV, and Flashduty, of which it is counted how often it is asked. */
function worker({
  kv = new Map<string, string>(),
  answer = JSON.stringify(LISI),
  app_key = `app-key-${++keys}-${"x".repeat(20)}`,
} = {}) {
  const puts: { name: string; ttl_s: unknown }[] = [];
  const SEEN = {
    get: async (name: string) => kv.get(name) ?? null,
    put: async (name: string, value: string, { expirationTtl }: { expirationTtl: number }) => {
      puts.push({ name, ttl_s: expirationTtl });
      kv.set(name, value);
    },
  };
  const env = envOf({ ...SET_UP, FLASHDUTY_APP_KEY: app_key, SEEN });
  const said = { answer, times: 0 };
  const call = async () => {
    said.times += 1;
    return { kind: "answered" as const, status: 200, headers: new Headers(), text: said.answer };
  };
  const api: OpenApi = openApi({ url: "https://api.example.com", app_key }, call, async () => null);
  return { env, api, kv, puts, said, app_key, SEEN };
}

describe("who the receiver is", () => {
  it("is what Flashduty says of its key", async () => {
    const { env, api } = worker();
    expect(await ownId(env, api)).toBe("42");
  });

  it("is an id of 64 bits, to the last digit", async () => {
    const { env, api } = worker({ answer: `{"request_id":"r","data":{"member_id":"9007199254740993"}}` });
    expect(await ownId(env, api)).toBe("9007199254740993");
  });

  it("is not known before somebody has asked, and at once afterwards", async () => {
    const { env, api } = worker();
    expect([ownIdNow(env), isOwnIdKnown(env)]).toEqual(["", false]);
    await ownId(env, api);
    expect([ownIdNow(env), isOwnIdKnown(env)]).toEqual(["42", true]);
  });

  it("is asked once", async () => {
    const { env, api, said } = worker();
    await ownId(env, api);
    expect(await ownId(env, api)).toBe("42");
    expect(said.times).toBe(1);
  });

  it("is remembered for a day, by which another Worker need not ask", async () => {
    const { env, api, kv, puts, app_key } = worker();
    await ownId(env, api);
    expect(puts.map(({ ttl_s }) => ttl_s)).toEqual([86_400]);
    vi.resetModules();
    const other = await import("../../src/flashduty/own.ts");
    const elsewhere = worker({ kv, app_key });
    expect(other.ownIdNow(elsewhere.env)).toBe("");
    expect(await other.ownId(elsewhere.env, elsewhere.api)).toBe("42");
    expect(other.ownIdNow(elsewhere.env)).toBe("42");
    expect(elsewhere.said.times).toBe(0);
  });

  it("is remembered without the key itself", async () => {
    const { env, api, kv, app_key } = worker();
    await ownId(env, api);
    expect([...kv.keys()]).toEqual([expect.stringMatching(/^own-person:[0-9a-f]{16}$/)]);
    expect(JSON.stringify([...kv])).not.toContain(app_key);
  });

  it("is another person with another key", async () => {
    const one = worker();
    const other = worker({ kv: one.kv, answer: `{"request_id":"r","data":{"member_id":43}}` });
    expect(await ownId(one.env, one.api)).toBe("42");
    expect(ownIdNow(other.env)).toBe("");
    expect(await ownId(other.env, other.api)).toBe("43");
    expect(await ownId(one.env, one.api)).toBe("42");
  });

  it("is nobody where there is no key, and nobody is asked", async () => {
    const { api, SEEN, said } = worker();
    const env = envOf({ ...SET_UP, SEEN });
    expect([await ownId(env, api), ownIdNow(env), isOwnIdKnown(env)]).toEqual(["", "", true]);
    expect(said.times).toBe(0);
  });

  it.each([
    ["an error", `{"request_id":"r","error":{"code":"InternalError","message":"later"}}`],
    ["nothing", ""],
    ["no id", `{"request_id":"r","data":{}}`],
    ["an id that is none", `{"request_id":"r","data":{"member_id":"lisi"}}`],
    ["an empty id", `{"request_id":"r","data":{"member_id":""}}`],
  ])("is not known where Flashduty answers %s, and is asked again", async (_, wrong) => {
    const { env, api, said, puts } = worker({ answer: wrong });
    expect(await ownId(env, api)).toBeNull();
    expect([ownIdNow(env), isOwnIdKnown(env)]).toEqual(["", false]);
    expect(puts).toEqual([]);
    said.answer = JSON.stringify(LISI);
    expect(await ownId(env, api)).toBe("42");
  });

  it("is asked of Flashduty where the KV does not answer, and is known all the same", async () => {
    const { app_key, api } = worker();
    const env = envOf({ ...SET_UP, FLASHDUTY_APP_KEY: app_key, SEEN: { get: broken, put: broken } });
    expect(await ownId(env, api)).toBe("42");
    expect(ownIdNow(env)).toBe("42");
  });

  it("is not taken from the KV where that holds no id", async () => {
    const first = worker();
    await ownId(first.env, first.api);
    const [name = ""] = first.kv.keys();
    vi.resetModules();
    const other = await import("../../src/flashduty/own.ts");
    const again = worker({ kv: new Map([[name, ""]]), app_key: first.app_key });
    expect(await other.ownId(again.env, again.api)).toBe("42");
  });
});
