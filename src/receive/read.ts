// From what arrived to an event and the runs it calls for, or to what is wrong with it.
import * as z from "zod";
import type { Action } from "../actions/action.ts";
import { readiness } from "../actions/choose.ts";
import { readSettings, withoutTokens } from "../config.ts";
import { type Address, type Event, eventOf } from "../domain/event.ts";
import { type Asked, type Command, plan } from "../domain/plan.ts";
import { APPROVE, APPROVING } from "../domain/approval.ts";
import { actionNamed } from "../domain/playbook.ts";
import { faultsOf } from "../fault.ts";
import { PRESS } from "../flashduty/event-type.ts";
import { ownIdNow } from "../flashduty/own.ts";
import { parsePush, type Push } from "../flashduty/push.ts";
import type { Consent } from "../incident/desk.ts";
import { playbook } from "../playbook.ts";
import { traceparentOf } from "../trace.ts";
import type { Arrival } from "./arrival.ts";
import { BODY_BYTES, type Body } from "./body.ts";
import type { Refusal } from "./refusal.ts";

/** An event, the runs it calls for, and the consent it gives. */
export interface Reading {
  event: Event;
  asked: Asked[];
  consent: Consent | null;
}

const ConsentParams = z.strictObject({ action: z.string().optional() });

/** `now` (ms): as of then the runs are planned. */
export function read(
  arrival: Arrival,
  body: Body,
  env: Env,
  now = arrival.received_at,
): Reading | { refusal: Refusal } {
  const { destination, received_at, query, span } = arrival;
  if (destination.kind === "nowhere") return { refusal: { why: "unknown_address" } };
  const approves = destination.kind === "action" && destination.action === APPROVE;
  const action = destination.kind === "action" && !approves ? actionNamed(playbook, destination.action) : null;
  if (action === undefined) return { refusal: unknownAction(destination, env) };
  if (body.flaw !== null) return { refusal: flawed(body.flaw) };
  const parsed = parsePush(body.text);
  if (!parsed.ok) return { refusal: parsed.fault };
  const { push } = parsed;
  const planning = {
    playbook,
    readiness: (one: Action) => readiness(one, env),
    own_id: ownIdNow(env),
    now,
  };
  const ask = (command: Command | null) => plan(push, command, planning);
  const event = (address: Address) =>
    eventOf(push, { address, received_at, body: body.text, traceparent: traceparentOf(span) });
  if (approves) return consentIn(push, query, event(APPROVING));
  if (destination.kind === "incident" || action === null)
    return { event: event("incident"), asked: ask(null), consent: null };
  const params = readParams(action, query, push);
  if ("why" in params) return { refusal: params };
  return {
    event: event(`action/${destination.action}`),
    asked: ask({ action: destination.action, params: params.given }),
    consent: null,
  };
}

/** The press of the button that approves; its address may name the action that it is for. */
function consentIn({ event_type, person }: Push, query: URLSearchParams, event: Event): Reading | { refusal: Refusal } {
  if (event_type !== PRESS) return { refusal: { why: "not_a_press", event_type } };
  const params = ConsentParams.safeParse(Object.fromEntries(query));
  if (!params.success) return { refusal: { why: "bad_params", faults: faultsOf(params.error, "query") } };
  const { person_id = "", person_name: name = "", email = "" } = person ?? {};
  return {
    event,
    asked: [],
    consent: { approver: { at: "button", person_id, name, email }, action: params.data.action ?? null },
  };
}

function unknownAction(destination: Arrival["destination"], env: Env): Refusal {
  const named = destination.kind === "action" ? destination.action : "";
  // Before it is cut: a part of a token would not be known for one.
  const action = withoutTokens(named, readSettings(env)).slice(0, 64);
  return { why: "unknown_action", action, known: [...Object.keys(playbook.actions), APPROVE] };
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
