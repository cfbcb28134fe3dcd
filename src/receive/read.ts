// From a request's body and address to an event and the runs it calls for, or to what is wrong with it.
import type { Action } from "../actions/action.ts";
import { readActionSettings } from "../config.ts";
import { type Address, type Event, eventOf } from "../domain/event.ts";
import { type Asked, type Command, plan } from "../domain/plan.ts";
import { actionNamed } from "../domain/playbook.ts";
import { faultsOf } from "../flashduty/fault.ts";
import { parsePush, PRESS, type Push } from "../flashduty/push.ts";
import { playbook } from "../playbook.ts";
import { BODY_BYTES, type Body } from "./body.ts";
import type { Refusal } from "./refusal.ts";

/** What came: to the address of one action with its query, or to the incident webhook's (`action` null). */
export interface Arrived {
  action: string | null;
  query: Record<string, string>;
  body: Body;
  received_at: number;
}

export type Reading = { event: Event; asked: Asked[] } | { refusal: Refusal };

export function read(arrived: Arrived, env: Env): Reading {
  const { action, body, received_at } = arrived;
  const known = action === null ? null : actionNamed(playbook, action);
  if (known === undefined) return { refusal: unknownAction(action ?? "") };
  if (body.too_large) return { refusal: { why: "too_large", limit: BODY_BYTES } };
  if (!body.is_utf8) return { refusal: { why: "bad_body", faults: [{ path: "", message: "is not UTF-8" }] } };
  const parsed = parsePush(body.text);
  if (!parsed.ok) return { refusal: parsed };
  const command = action === null || known === null ? null : readCommand(action, known, arrived.query, parsed.push);
  if (command !== null && "refusal" in command) return command;
  const address: Address = action === null ? "incident" : `action/${action}`;
  const event = eventOf(parsed.push, { address, received_at, body: body.text });
  return { event, asked: plan(parsed.push, command, playbook, (name) => unable(name, env)) };
}

function unknownAction(name: string): Refusal {
  return { why: "unknown_action", action: name.slice(0, 64), known: Object.keys(playbook.actions) };
}

function readCommand(
  action: string,
  known: Action,
  query: Arrived["query"],
  push: Push,
): Command | { refusal: Refusal } {
  if (push.event_type !== PRESS) return { refusal: { why: "not_a_press", event_type: push.event_type } };
  const params = known.params.safeParse(query);
  if (!params.success) return { refusal: { why: "bad_params", faults: faultsOf(params.error, "query") } };
  return { action, params: query };
}

/** What keeps an action from being carried out. */
function unable(name: string, env: Env): string | null {
  const settings = readActionSettings(env, actionNamed(playbook, name)?.settings ?? []);
  return settings.ok ? null : settings.faults.join("; ");
}
