// The load, in a process of its own: neither Miniflare nor the runtime's log shares its loop, so what it measures is the
// Worker. It pushes at a fixed concurrency on connections that stay open, and plays the target that actions call.
import { Agent, createServer, request } from "node:http";
import { published_source } from "../simulator/sender.ts";
import { Order, type Report } from "./order.ts";
import { incidentPushes, type Outgoing, presses } from "./pushes.ts";

const agent = new Agent({ keepAlive: true });

/** The target: when it was called, by the run's key. */
const called = new Map<string, number[]>();
let onCall = (): void => undefined;

const target = createServer((incoming, response) => {
  const key = String(incoming.headers["idempotency-key"]);
  called.set(key, [...(called.get(key) ?? []), performance.now()]);
  incoming.resume();
  response.end("{}");
  onCall();
});

target.listen(0, "127.0.0.1", () => {
  const address = target.address();
  if (address === null || typeof address === "string") throw new Error("the target has no port");
  tell({ kind: "ready", target: `http://127.0.0.1:${address.port}/restart` });
});

process.on("message", (message) => {
  carryOut(Order.parse(message)).catch((error: unknown) => {
    tell({ kind: "failed", why: String(error) });
  });
});
// The benchmark has ended, however it did.
process.on("disconnect", () => process.exit());

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case "fire":
      return fire(order);
    case "press":
      return press(order);
    case "count":
      tell({ kind: "counted", calls: [...called.values()].map((times) => times.length) });
  }
}

async function fire({ url, token, concurrency, series }: Extract<Order, { kind: "fire" }>): Promise<void> {
  const pushes = incidentPushes(series);
  const latencies_ms: number[] = [];
  const began = performance.now();
  const waiting = pushes.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const one of waiting) latencies_ms.push(await push(`${url}/webhooks/incident`, token, one));
    }),
  );
  tell({ kind: "fired", wall_ms: performance.now() - began, latencies_ms });
}

/** One press after another; each waits until the target was called for the one before. */
async function press({ url, token, series }: Extract<Order, { kind: "press" }>): Promise<void> {
  const latencies_ms: number[] = [];
  for (const one of presses(series)) {
    const key = `${one.incident_id}:${one.event_id}:restart-host`;
    const began = performance.now();
    const arrival = callFor(key);
    await push(`${url}/webhooks/action/restart-host`, token, one);
    latencies_ms.push((await arrival) - began);
  }
  tell({ kind: "pressed", latencies_ms });
}

/** When the target was called for a run first. */
async function callFor(key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`the target was not called for ${key} within 10 s`)), 10_000);
    onCall = () => {
      const at = called.get(key)?.[0];
      if (at === undefined) return;
      clearTimeout(tooLate);
      resolve(at);
    };
  });
}

/** Sends one push, and returns how long the whole answer took. Anything but 200 ends the benchmark. */
async function push(url: string, token: string, { body }: Outgoing): Promise<number> {
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    Authorization: `Bearer ${token}`,
    "CF-Connecting-IP": published_source,
  };
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`a push was answered with ${response.statusCode}`));
      });
      response.resume();
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function tell(report: Report): void {
  process.send?.(report);
}
