import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Note } from "../../src/domain/trail.ts";
import { caller, NotSentInDryRun, type OutgoingRequest, type WayOut } from "../../src/runs/http.ts";
import { hiding } from "../../src/secret.ts";

const SECRET = "s3cr3t-t0k3n-of-the-target-0123456789";
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

const fetched = vi.fn<(request: Request) => Promise<Response>>();

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["Date"] });
  vi.stubGlobal("fetch", fetched);
  fetched.mockImplementation(async () => new Response("done", { status: 201 }));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

function request(changed: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: "POST", url: new URL("https://runner.example/restart"), headers: new Headers(), ...changed };
}

/** Sends it, and tells what came of it and what was noted. */
async function sent(changed: Partial<OutgoingRequest>, way: Partial<WayOut> = {}) {
  const notes: Note[] = [];
  const note = (one: Note) => void notes.push(one);
  const call = caller({ deadline_at: Date.now() + 10_000, services: {}, hide: hiding([SECRET]), note, ...way });
  const outcome = await call(request(changed)).catch((error: unknown) => error);
  return { outcome, notes };
}

describe("what is noted of a request", () => {
  it("is what was sent, and what came back", async () => {
    const { notes } = await sent({ body: `{"host":"es.nj.01"}` });
    expect(notes).toEqual([
      { what: "sent", text: `POST https://runner.example/restart {"host":"es.nj.01"}` },
      { what: "answered", text: "201 done" },
    ]);
  });

  it("has no body where none was sent, and no headers at all", async () => {
    const { notes } = await sent({ method: "GET", headers: new Headers({ "X-Other": "of-the-request" }) });
    expect(notes[0]).toEqual({ what: "sent", text: "GET https://runner.example/restart" });
    expect(JSON.stringify(notes)).not.toContain("of-the-request");
  });

  it.each<[string, Partial<OutgoingRequest>, string]>([
    ["in the path", { url: new URL(`https://runner.example/hooks/${SECRET}/run`) }, ""],
    ["in the query", { url: new URL(`https://runner.example/run?token=${SECRET}`) }, ""],
    ["in the body", { body: JSON.stringify({ token: SECRET }) }, ""],
    ["in what comes back", {}, `{"echo":"${SECRET}"}`],
    ["in what comes back, encoded", {}, encodeURIComponent(SECRET)],
    ["in what comes back, in base64", {}, btoa(`user:${SECRET}`)],
  ])("has no secret %s", async (_, changed, answer) => {
    fetched.mockImplementation(async () => new Response(answer));
    for (const dry_run of [false, true]) {
      const { notes } = await sent(changed, { dry_run });
      expect(notes).not.toEqual([]);
      expect(JSON.stringify(notes)).not.toContain(SECRET);
      expect(JSON.stringify(notes)).not.toContain(btoa(SECRET).slice(4, 20));
    }
  });

  it("has no part of a secret either, wherever it is cut", async () => {
    for (let before = 0; before < 60; before++) {
      const echo = `${"x".repeat(before)}${`${SECRET} `.repeat(100)}`;
      fetched.mockImplementation(async () => new Response(echo));
      const { notes } = await sent({ body: echo });
      expect(JSON.stringify(notes)).not.toContain(SECRET.slice(0, 6));
    }
  });

  it("is one short line, whatever comes back", async () => {
    fetched.mockImplementation(async () => new Response(`a\r\nb\u001B[31m\u202E${"c".repeat(5_000)}`));
    const { notes } = await sent({ body: "x".repeat(5_000) });
    for (const { text } of notes) expect(text.length).toBeLessThanOrEqual(400);
    expect(notes[1]?.text).toMatch(/^200 a b/);
    expect(notes[1]?.text).not.toMatch(/[\p{C}]/u);
  });

  it("is that nothing came back", async () => {
    fetched.mockRejectedValue(new Error(`cannot connect to ${SECRET}`));
    const { notes } = await sent({});
    expect(notes.map(({ what }) => what)).toEqual(["sent", "answered"]);
    expect(notes[1]?.text).toBe("the target could not be reached");
  });

  it("is nothing where nothing was sent", async () => {
    expect(await sent({}, { deadline_at: Date.now() })).toEqual({
      outcome: { kind: "not_sent", reason: "the attempt's time was up" },
      notes: [],
    });
    const { notes, outcome } = await sent({ method: "GET", body: "a GET has none" });
    expect(outcome).toBeInstanceOf(TypeError);
    expect(notes).toEqual([]);
  });

  it("need not be listened to", async () => {
    const call = caller({ deadline_at: Date.now() + 10_000, services: {}, hide: (text) => text });
    expect(await call(request())).toMatchObject({ kind: "answered", status: 201 });
  });
});

describe("what is left of the time", () => {
  it.each<[Partial<OutgoingRequest>, number, boolean]>([
    [{ method: "POST" }, 501, true],
    [{ method: "POST" }, 500, false],
    [{ method: "GET" }, 1, true],
    [{ method: "GET" }, 0, false],
    [{ method: "GET", acts: true }, 501, true],
    [{ method: "GET", acts: true }, 500, false],
  ])(
    "is enough for %j with %d ms: %j, for what would be cut off at once must not change anything",
    async (changed, left_ms, goes) => {
      await sent(changed, { deadline_at: Date.now() + left_ms });
      expect(fetched).toHaveBeenCalledTimes(goes ? 1 : 0);
    },
  );
});

describe("a dry run", () => {
  it.each(METHODS.filter((method) => method !== "GET"))(
    "sends no %s, and says what it would have been",
    async (method) => {
      const body = method === "HEAD" ? {} : { body: "x=1" };
      const { outcome, notes } = await sent({ method, ...body }, { dry_run: true });
      expect(outcome).toBeInstanceOf(NotSentInDryRun);
      const text = `${method} https://runner.example/restart${method === "HEAD" ? "" : " x=1"}`;
      expect(notes).toEqual([{ what: "would_send", text }]);
      expect(fetched).not.toHaveBeenCalled();
    },
  );

  it("sends no GET that acts", async () => {
    const { outcome, notes } = await sent({ method: "GET", acts: true }, { dry_run: true });
    expect(outcome).toBeInstanceOf(NotSentInDryRun);
    expect(notes).toEqual([{ what: "would_send", text: "GET https://runner.example/restart" }]);
    expect(fetched).not.toHaveBeenCalled();
  });

  it("sends what only reads", async () => {
    const { outcome, notes } = await sent({ method: "GET" }, { dry_run: true });
    expect(outcome).toMatchObject({ kind: "answered", text: "done" });
    expect(notes.map(({ what }) => what)).toEqual(["sent", "answered"]);
  });

  it.each(METHODS.filter((method) => method !== "GET"))(
    "takes no word for it that a %s changes nothing",
    async (method) => {
      const { outcome } = await sent({ method, acts: false }, { dry_run: true });
      expect(outcome).toBeInstanceOf(NotSentInDryRun);
      expect(fetched).not.toHaveBeenCalled();
    },
  );

  it("sends nothing by a service either", async () => {
    const service = {
      fetch: vi.fn(async () => new Response("done")),
      connect: () => {
        throw new Error("not here");
      },
    };
    await sent({ through: "VPC" }, { dry_run: true, services: { VPC: service } });
    expect(service.fetch).not.toHaveBeenCalled();
    await sent({ through: "VPC" }, { services: { VPC: service } });
    expect(service.fetch).toHaveBeenCalledTimes(1);
    expect(fetched).not.toHaveBeenCalled();
  });

  it("says what it would send however little time is left: it takes none", async () => {
    const { notes } = await sent({}, { dry_run: true, deadline_at: Date.now() });
    expect(notes).toMatchObject([{ what: "would_send" }]);
  });

  it("is none where nobody asked for one", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) await sent({ method });
    await sent({ method: "GET", acts: true });
    expect(fetched).toHaveBeenCalledTimes(5);
  });
});
