// The simulator stands in judgement over the Worker, so it is judged first: a sender that retried too often, or a target
// that miscounted, would make every test built on them say something else than it seems to say.

import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  actionBody,
  documentedAction,
  documentedActionText,
  eventId,
  incidentBody,
  incidentId,
  pushText,
} from "./push-body.ts";
import { disorder, life, lives, repeat, seeded } from "./life.ts";
import { createSender } from "./sender.ts";
import { startTarget, times } from "./target.ts";
import type { Server, Socket } from "node:net";
import type { Sender } from "./sender.ts";
import type { Behaviour, Target } from "./target.ts";

const starts_at_ms = 1_700_208_013_988;
const push = { address: "incident", body: { event_type: "i_new" } };

describe("the bodies", () => {
  test("an event's id stands at the top of the incident webhook, and inside the incident of a custom action", () => {
    const facts = { incident: 7, at_ms: starts_at_ms };
    const told = incidentBody({ ...facts, event_type: "i_custom" });
    const pressed = actionBody(facts);
    expect(told.event_id).toBe(eventId({ ...facts, event_type: "i_custom" }));
    expect(pressed.incident.event_id).toBe(told.event_id);
    expect("event_id" in pressed).toBe(false);
    expect("event_id" in told.incident).toBe(false);
    expect(pressed.incident.alerts).toHaveLength(1);
  });

  test("a custom action has every field of the documented one, and no other", () => {
    const made = actionBody({
      incident: 7,
      at_ms: starts_at_ms,
      creator: { person_id: 1, person_name: "a", email: "" },
      responders: [{ person_id: 1, person_name: "a", email: "", assigned_at: 1, acknowledged_at: 0 }],
    });
    const { incident } = documentedAction();
    expect(Object.keys(made.incident).toSorted()).toEqual(Object.keys(incident).toSorted());
    const [alert] = incident.alerts;
    expect(Object.keys(made.incident.alerts[0] ?? {}).toSorted()).toEqual(Object.keys(alert ?? {}).toSorted());
    expect(JSON.parse(documentedActionText())).toEqual(documentedAction());
  });

  test("a number beyond what JavaScript can hold goes out as a number", () => {
    const body = incidentBody({ incident: 1, event_type: "i_new", at_ms: 1, account_id: 9_223_372_036_854_775_807n });
    expect(pushText(body)).toContain('"account_id":9223372036854775807,');
  });

  test("a text is sent as it is", () => {
    expect(pushText("{{incident.title}}")).toBe("{{incident.title}}");
  });
});

describe("the lives", () => {
  test("a life goes from creation to closing, and a press reaches both addresses", () => {
    const pushes = life({ incident: 3, starts_at_ms, reopened: 1 });
    expect(pushes.map(({ address, body }) => `${address} ${body.event_type}`)).toEqual([
      "incident i_new",
      "incident i_assign",
      "incident i_ack",
      "incident i_comm",
      "incident i_r_severity",
      "incident i_custom",
      "action/restart-host i_custom",
      "incident i_rslv",
      "incident i_reopen",
      "incident i_rslv",
    ]);
    expect(pushes.map(({ body }) => body.incident.progress).join(" ")).toBe(
      "Triggered Triggered Processing Processing Processing Processing Processing Closed Triggered Closed",
    );
    for (const { at_offset_ms, body } of pushes) {
      expect(body.event_time).toBe(starts_at_ms + at_offset_ms);
      expect(body.incident.incident_id).toBe(incidentId(3));
    }
  });

  test("the same seed gives the same lives, another one gives others", () => {
    const [first, again, other] = [1, 1, 2].map((seed) => lives({ count: 5, starts_at_ms }, seeded(seed)));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(new Set(first?.map(({ body }) => body.incident.incident_id)).size).toBe(5);
  });

  test("disorder keeps every push and moves some; repeat only adds what was there", () => {
    const pushes = lives({ count: 5, starts_at_ms }, seeded(1));
    const texts = (list: typeof pushes) => list.map(({ address, body }) => `${address} ${pushText(body)}`);
    const disordered = texts(disorder(pushes, seeded(2)));
    expect(disordered).not.toEqual(texts(pushes));
    expect(disordered.toSorted()).toEqual(texts(pushes).toSorted());
    const repeated = texts(repeat(pushes, seeded(3)));
    expect(repeated.length).toBeGreaterThan(pushes.length);
    expect(new Set(repeated)).toEqual(new Set(texts(pushes)));
  });
});

describe("the sender", () => {
  let target: Target;
  let senders: Sender[];
  let servers: { server: Server; sockets: Set<Socket> }[];

  const senderTo = (url: string, deadline_ms = 5_000) => {
    const sender = createSender({ url, deadline_ms, token: "secret" });
    senders.push(sender);
    return sender;
  };

  /** A peer that takes connections and does with them what it is told. */
  const startPeer = async (take: (socket: Socket) => void): Promise<string> => {
    const sockets = new Set<Socket>();
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      sockets.add(socket.on("error", () => {}));
      take(socket);
    });
    servers.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    return `http://127.0.0.1:${typeof bound === "object" && bound !== null ? bound.port : 0}`;
  };

  beforeEach(async () => {
    senders = [];
    servers = [];
    target = await startTarget();
  });

  afterEach(async () => {
    for (const sender of senders) sender.close();
    for (const { server, sockets } of servers) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
    await target.close();
  });

  test("says who it is, what it brings and where from", async () => {
    const delivery = await senderTo(target.url).send({ address: "action/restart-host?dc=nj", body: push.body });
    expect(delivery).toMatchObject({ delivered: true, status: 200, attempts: 1, fault: null, body: '{"ok":true}' });
    const [request] = target.requests();
    expect(request).toMatchObject({
      method: "POST",
      path: "/webhooks/action/restart-host",
      query: { dc: "nj" },
      body: '{"event_type":"i_new"}',
      headers: {
        "content-type": "application/json",
        authorization: "Bearer secret",
        "cf-connecting-ip": "47.94.95.118",
      },
    });
  });

  const retried: [string, Behaviour, number, { fault: string; status: number | null }][] = [
    ["closed without an answer", { drop: "before_answer" }, 5_000, { fault: "eof", status: null }],
    ["closed in the middle of the answer", { drop: "in_answer" }, 5_000, { fault: "eof", status: 200 }],
    ["deadline in the middle of the answer", { hang: "in_answer" }, 200, { fault: "deadline", status: 200 }],
  ];

  test.for(retried)("%s: one retry", async ([, behaviour, deadline_ms, outcome]) => {
    target.behave("*", behaviour);
    const delivery = await senderTo(target.url, deadline_ms).send(push);
    expect(delivery).toMatchObject({ ...outcome, delivered: false, attempts: 2 });
    expect(target.requests()).toHaveLength(2);
  });

  test.for(retried)("%s: delivered where the retry succeeds", async ([, behaviour, deadline_ms]) => {
    target.behave("*", behaviour, {});
    const delivery = await senderTo(target.url, deadline_ms).send(push);
    expect(delivery).toMatchObject({ delivered: true, status: 200, fault: null, attempts: 2 });
    expect(target.requests()).toHaveLength(2);
  });

  test("a push that cannot be written in time is an i/o timeout: one retry", async () => {
    let connections = 0;
    const url = await startPeer(() => (connections += 1));
    const delivery = await senderTo(url, 300).send({ address: "incident", body: "x".repeat(32_000_000) });
    expect(delivery).toMatchObject({ delivered: false, status: null, fault: "io_timeout", attempts: 2 });
    expect(connections).toBe(2);
  });

  const not_retried: [string, Behaviour, number, { fault: string | null; status: number | null }][] = [
    ["slow answer", { hang: "before_answer" }, 200, { fault: "deadline_awaiting_headers", status: null }],
    ["500", { status: 500 }, 5_000, { fault: null, status: 500 }],
    ["429", { status: 429, retry_after: 1 }, 5_000, { fault: null, status: 429 }],
    ["202", { status: 202 }, 5_000, { fault: null, status: 202 }],
    ["redirect", { redirect_to: "/elsewhere" }, 5_000, { fault: null, status: 302 }],
  ];

  test.for(not_retried)("%s: not delivered, no retry", async ([, behaviour, deadline_ms, outcome]) => {
    target.behave("*", behaviour);
    const delivery = await senderTo(target.url, deadline_ms).send(push);
    expect(delivery).toMatchObject({ ...outcome, delivered: false, attempts: 1 });
    expect(target.requests()).toHaveLength(1);
  });

  test("nobody there: no retry", async () => {
    await target.close();
    const delivery = await senderTo(target.url).send(push);
    expect(delivery).toMatchObject({ delivered: false, status: null, fault: "refused", attempts: 1 });
  });

  test("connection reset, which Go does not call eof: no retry", async () => {
    let connections = 0;
    const url = await startPeer((socket) => {
      connections += 1;
      socket.once("data", () => socket.resetAndDestroy()).resume();
    });
    const delivery = await senderTo(url).send(push);
    expect(delivery).toMatchObject({ delivered: false, status: null, fault: "broken", attempts: 1 });
    expect(connections).toBe(1);
  });

  test.for([{ concurrency: 3 }, { rate_per_s: 1_000 }])("sends many, each once, answers in order: %o", async (pace) => {
    target.behave("*", { echo: true });
    const pushes = Array.from({ length: 20 }, (_, index) => ({ address: `action/a${index}`, body: index }));
    const deliveries = await senderTo(target.url).sendAll(pushes, pace);
    expect(deliveries.map(({ body }) => /\/action\/(a\d+)"/.exec(body)?.[1])).toEqual(
      pushes.map((_, index) => `a${index}`),
    );
    expect(target.requests()).toHaveLength(20);
  });
});

describe("the target", () => {
  let target: Target;

  beforeEach(async () => {
    target = await startTarget();
  });

  afterEach(async () => {
    await target.close();
  });

  const call = (path = "/job", key?: string) =>
    fetch(target.url + path, {
      method: "POST",
      body: "{}",
      redirect: "manual",
      ...(key !== undefined && { headers: { "Idempotency-Key": key } }),
    });

  test("fails as often as it is told, then succeeds", async () => {
    target.behave("/job", ...times(2, { status: 503, retry_after: 7 }), {});
    const answers = [await call(), await call(), await call(), await call()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200, 200]);
    expect(answers[0]?.headers.get("Retry-After")).toBe("7");
  });

  test("a key's behaviour goes before a path's, a path's before everybody's", async () => {
    target.behave({ key: "k" }, { status: 409 });
    target.behave("/job", { status: 404 });
    target.behave("*", { status: 418 });
    const answers = [await call("/job", "k"), await call("/job"), await call("/other")];
    expect(answers.map(({ status }) => status)).toEqual([409, 404, 418]);
  });

  test("redirects, echoes, and answers at length", async () => {
    target.behave("/from", { redirect_to: "/to" });
    target.behave("/echo", { echo: true, delay_ms: 1 });
    target.behave("/huge", { huge_bytes: 3_000_000 });
    const redirect = await call("/from");
    expect([redirect.status, redirect.headers.get("Location")]).toEqual([302, "/to"]);
    expect(await (await call("/echo?a=b")).json()).toMatchObject({ path: "/echo", query: { a: "b" }, body: "{}" });
    expect(await (await call("/huge")).text()).toHaveLength(3_000_000);
  });

  test("counts what overlaps by key", async () => {
    target.behave("*", { hang: "before_answer" });
    const leave = new AbortController();
    const calls = ["k", "k", "other"].map((key) =>
      fetch(target.url, { method: "POST", headers: { "Idempotency-Key": key }, signal: leave.signal }).catch(() => {}),
    );
    await target.arrivals(3);
    expect(target.in_progress()).toBe(3);
    leave.abort();
    await Promise.all(calls);
    await expect.poll(() => target.in_progress()).toBe(0);
    target.behave("*", {});
    await call("/", "k");
    expect(["k", "other", "never"].map((key) => target.most_overlapping(key))).toEqual([2, 1, 0]);
  });

  test("forgets", async () => {
    target.behave("/job", { status: 500 });
    await call("/job", "k");
    target.forget();
    expect(target.requests()).toEqual([]);
    expect(target.most_overlapping("k")).toBe(0);
    expect((await call()).status).toBe(200);
  });

  test("says how many came where too few did", async () => {
    await call();
    await expect(target.arrivals(2, { path: "/job" }, 1)).rejects.toThrow("1 of 2 requests");
  });
});

const cli = (...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const script = fileURLToPath(new URL("push.ts", import.meta.url));
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

describe("npm run push", () => {
  test("ends with 0 where the push was delivered, and never prints the token, even if the receiver repeats it", async () => {
    const target = await startTarget();
    target.behave("*", { echo: true });
    const args = ["--url", target.url, "--action", "restart-host", "--query", "dc=nj", "--token", "tell-no-one"];
    const { code, stdout } = await cli(...args, "--event-id", "e1", "--incident", "i1");
    const [request] = target.requests();
    await target.close();
    expect(code).toBe(0);
    expect(stdout).toContain(`${target.url}/webhooks/action/restart-host?dc=nj`);
    expect(stdout).toMatch(/event_id +e1\nincident_id +i1\nstatus +200/);
    expect(stdout).not.toContain("tell-no-one");
    expect(request?.headers.authorization).toBe("Bearer tell-no-one");
  });

  test("ends with 1 where it was not", async () => {
    const target = await startTarget();
    target.behave("*", { status: 401 });
    const { code, stdout } = await cli("--url", target.url, "--token", "t0ken");
    await target.close();
    expect(code).toBe(1);
    expect(stdout).toMatch(/status +401/);
  });

  test.for([
    [["--severity", "Awful"], "--severity is"],
    [["--url", "nowhere"], "--url is"],
    [["--deadline-ms", "soon"], "--deadline-ms is"],
    [["--query", "dc"], "--query is"],
    [["--type", "i_ack", "--action", "rollback"], "--type with --action"],
    [["--file", "/no/such/file"], "--file: cannot read"],
    [["--tokn", "x"], "--tokn"],
  ] as const)("ends with 2 and says why: %o", async ([args, reason]) => {
    const { code, stderr } = await cli(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
