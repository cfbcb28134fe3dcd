// Pushes as the tests send them, through the Worker's front door, and the answers read as the sender would.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import * as z from "zod";
import { app } from "../../src/app.ts";
import documented from "../simulator/fixtures/custom-action.json" with { type: "json" };

export { documented };
export const LISTED_SOURCE = "47.94.95.118";
export const INCIDENT = "/webhooks/incident";
export const ACTION = "/webhooks/action/restart-host";

let incidents = 0;

/** The id of an incident that no other test of the file has met: storage is separate per file, not per test. */
export function newIncident(): string {
  incidents += 1;
  return `6551f388${String(incidents).padStart(16, "0")}`;
}

/** What a body says beyond the documented one. */
interface Said {
  event_id?: string;
  event_type?: string;
  event_time?: number;
  person?: { person_id?: number; person_name?: string; email?: string };
  incident?: Record<string, unknown>;
}

/**
 * A press of a button: the documented body, for another incident. The event's id stands inside the incident. Each press is
 * another person's, unless it says whose: the same one's, soon after, would be the same press.
 */
export function pressBody(incident_id: string, { event_id = "press-1", event_time, person, incident }: Said = {}) {
  const person_id = documented.person.person_id + Number(/\d+$/.exec(event_id)?.[0] ?? 0);
  return {
    ...documented,
    event_time: event_time ?? documented.event_time,
    person: { ...documented.person, person_id, ...person },
    incident: { ...documented.incident, incident_id, event_id, ...incident },
  };
}

/** A push of the incident webhook: the event's id stands at the top, and no alerts come along. */
export function eventBody(incident_id: string, said: Said = {}) {
  const { alerts: _alerts, event_id: _event_id, ...incident } = documented.incident;
  const { event_id = "event-1", event_type = "i_new", event_time = documented.event_time } = said;
  const person = { ...documented.person, ...said.person };
  return { event_id, event_type, event_time, person, incident: { ...incident, incident_id, ...said.incident } };
}

/** What is sent: text and bytes as they are, everything else as JSON. */
export type Body = string | Uint8Array | ReadableStream<Uint8Array> | object | null;

/** A push with the right token from a listed source; `changes` sets headers, or takes them away (null). */
export function pushRequest(path: string, body: Body, changes: Record<string, string | null> = {}, method = "POST") {
  const headers = new Headers({
    "CF-Connecting-IP": LISTED_SOURCE,
    Authorization: `Bearer ${env.WEBHOOK_TOKEN}`,
    "Content-Type": "application/json",
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  const url = `https://edge.example${path}`;
  if (body === null) return new Request(url, { method, headers });
  const isRaw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  const init = { method, headers, body: isRaw ? body : JSON.stringify(body) };
  return new Request(url, init);
}

/** Sends a push. */
export async function push(path: string, body: Body): Promise<Response> {
  return exports.default.fetch(pushRequest(path, body));
}

/** Another environment: settings that are changed (`""` is none), parts of the platform that fail. */
export type Changes = Partial<Cloudflare.Env> & { WEBHOOK_TOKEN_PREVIOUS?: string };

/** A request to the app in a changed environment; `done` waits for what goes on after the answer. */
export async function ask(
  request: Request,
  changes: Changes = {},
): Promise<{ response: Response; done: () => Promise<void> }> {
  const ctx = createExecutionContext();
  const response = await app.fetch(request, { ...env, ...changes }, ctx);
  return { response, done: async () => waitOnExecutionContext(ctx) };
}

/** Exactly what the design says a receipt is. */
export const Receipt = z.strictObject({
  result: z.enum(["accepted", "duplicate", "stale"]),
  event_id: z.string().min(1),
  incident_id: z.string().min(1),
  runs: z.array(
    z.strictObject({
      run_id: z.string().min(1),
      action: z.string().min(1),
      state: z.string().min(1),
      reason: z.string().min(1).optional(),
    }),
  ),
});

/** The receipt in a 200. */
export async function receiptOf(response: Response): Promise<z.output<typeof Receipt>> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("application/json");
  return Receipt.parse(JSON.parse(text));
}

/** Problem details (RFC 9457) with the members that this project adds, and no others. */
export const Problem = z.strictObject({
  type: z.string().startsWith("urn:flashduty-edge:problem:"),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string().min(1) })).optional(),
  run_id: z.string().optional(),
  kept: z.string().optional(),
});

/** The problem in an answer that is none of 200. */
export async function problemOf(response: Response): Promise<z.output<typeof Problem>> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = Problem.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

/** The last part of a problem's type: what kind it is. */
export function kindOf(problem: { type: string }): string {
  return problem.type.replace("urn:flashduty-edge:problem:", "");
}
