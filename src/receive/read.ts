// From what arrived to an event and the runs it calls for, or to what is wrong with it.
import type { Action } from "../actions/action.ts";
import { readiness } from "../actions/choose.ts";
import { type Address, type Event, eventOf } from "../domain/event.ts";
import { type Asked, type Command, plan } from "../domain/plan.ts";
import { actionNamed } from "../domain/playbook.ts";
import { faultsOf } from "../fault.ts";
import { PRESS } from "../flashduty/event-type.ts";
import { parsePush, type Push } from "../flashduty/push.ts";
import { playbook } from "../playbook.ts";
import type { Arrival } from "./arrival.ts";
import { BODY_BYTES, type Body } from "./body.ts";
import type { Refusal } from "./refusal.ts";

/** An event, and the runs it calls for. */
export interface Reading {
  event: Event;
  asked: Asked[];
}

export function read(arrival: Arrival, body: Body, env: Env): Reading | { refusal: Refusal } {
  const { destination, received_at, query } = arrival;
  if (destination.kind === "nowhere") return { refusal: { why: "unknown_address" } };
  const action = destination.kind === "action" ? actionNamed(playbook, destination.action) : null;
  if (action === undefined) return { refusal: unknownAction(destination) };
  if (body.flaw !== null) return { refusal: flawed(body.flaw) };
  const parsed = parsePush(body.text);
  if (!parsed.ok) return { refusal: parsed.fault };
  const { push } = parsed;
  const ask = (command: Command | null) => plan(push, command, playbook, (one) => readiness(one, env));
  const event = (address: Address) => eventOf(push, { address, received_at, body: body.text });
  if (destination.kind === "incident" || action === null) return { event: event("incident"), asked: ask(null) };
  const params = readParams(action, query, push);
  if ("why" in params) return { refusal: params };
  return {
    event: event(`action/${destination.action}`),
    asked: ask({ action: destination.action, params: params.given }),
  };
}

function unknownAction(destination: Arrival["destination"]): Refusal {
  const action = destination.kind === "action" ? destination.action.slice(0, 64) : "";
  return { why: "unknown_action", action, known: Object.keys(playbook.actions) };
}

function flawed(flaw: NonNullable<Body["flaw"]>): Refusal {
  switch (flaw) {
    case "too_large":
      return { why: "too_large", limit: BODY_BYTES };
    case "not_utf8":
      return { why: "bad_body", faults: [{ path: "", message: "is not UTF-8" }] };
    case "cut_off":
      return { why: "bad_body", faults: [{ path: "", message: "was cut off before its end" }] };
  }
}

/** What the address of a button carries, checked by what the action declares. */
function readParams(action: Action, query: URLSearchParams, push: Push): { given: Command["params"] } | Refusal {
  if (push.event_type !== PRESS) return { why: "not_a_press", event_type: push.event_type };
  const given = Object.fromEntries(query);
  const repeated = Object.keys(given).filter((name) => query.getAll(name).length > 1);
  const faults = repeated.map((name) => ({ path: `query.${name}`, message: "is given more than once" }));
  if (faults.length > 0) return { why: "bad_params", faults };
  const params = action.params.safeParse(given);
  return params.success ? { given } : { why: "bad_params", faults: faultsOf(params.error, "query") };
}
