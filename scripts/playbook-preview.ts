// "What would happen": a push, read and planned by the code that receives pushes, as an incident would take it that knows
// nothing so far. Nothing is run, sent or stored.

import { readFileSync } from "node:fs";
import type { Action } from "../src/actions/action.ts";
import { readiness } from "../src/actions/choose.ts";
import { saysOf as saysOfCondition } from "../src/domain/condition.ts";
import { runId } from "../src/domain/event.ts";
import { type Asked, plan } from "../src/domain/plan.ts";
import { saysOfEvents, saysOfGuards, unmet } from "../src/domain/playbook-words.ts";
import { actionNamed, contextOf, type Playbook, type Rule } from "../src/domain/playbook.ts";
import { type Run, WAITS_FOR_FIRST_MS } from "../src/domain/run.ts";
import { type Known, take, type Taken } from "../src/domain/take.ts";
import { line } from "../src/domain/text.ts";
import { duration, moment } from "../src/domain/time.ts";
import { EVENT_TYPES, PRESS } from "../src/flashduty/event-type.ts";
import { parsePush, type Push } from "../src/flashduty/push.ts";
import type { Arrival } from "../src/receive/arrival.ts";
import { readBody } from "../src/receive/body.ts";
import { read, type Reading } from "../src/receive/read.ts";
import { problem, type Refusal } from "../src/receive/refusal.ts";
import { spanUnder } from "../src/trace.ts";
import { type PushInput, WrongInput } from "./playbook-input.ts";
import { blocks, list, lines, paragraph, row } from "./playbook-layout.ts";
import type { Here } from "./playbook-settings.ts";

const NOTHING_KNOWN: Known = { same: null, runs: [], newest: null, begun: [], reopened: false, lately: [] };

/** A push that is read, and what its incident would make of it. */
interface Outlook {
  push: Push;
  reading: Reading;
  taken: Taken;
  playbook: Playbook<Action>;
  here: Here;
  at: number;
}

/** Throws `WrongInput` where the receiver would refuse the push. */
export async function preview(input: PushInput, playbook: Playbook<Action>, here: Here): Promise<string> {
  const { file, at, action, query } = input;
  const body = await readBody(new Blob([bytesOf(file)]).stream());
  const destination: Arrival["destination"] = action === null ? { kind: "incident" } : { kind: "action", action };
  const arrival = { destination, query, path_and_query: "", source: "", received_at: at, span: spanUnder(null) };
  const reading = read(arrival, body, here.env);
  if ("refusal" in reading) throw new WrongInput(refused(reading.refusal));
  const parsed = parsePush(body.text);
  if (!parsed.ok) throw new WrongInput(refused(parsed.fault));
  const taken = take({ ...reading.event, arrival: 1 }, NOTHING_KNOWN, reading.asked, at);
  return saysOf({ push: parsed.push, reading, taken, playbook, here, at });
}

function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WrongInput(`The push cannot be read: ${reason}\n${WHERE_FROM}`);
  }
}

function refused(refusal: Refusal): string {
  const { status, title, detail, errors = [] } = problem(refusal);
  const why = errors.length === 0 ? ` ${detail}` : "";
  const faults = errors.map(({ path, message }) => `  - ${path || "the body"} ${message}`);
  const where_from = ["bad_body", "placeholders"].includes(refusal.why) ? WHERE_FROM : "";
  const said = paragraph(`The receiver would refuse this push with ${status}: ${title}.${why}`);
  return lines(said, ...faults, where_from);
}

const WHERE_FROM = [
  "Give the body of a push, as Flashduty sends it: of an event that was taken it is at",
  "/admin/api/incidents/<incident_id>/events/<event_id>, of one that was not at /admin/api/quarantine/<id>.",
].join("\n");

function saysOf(outlook: Outlook): string {
  const { runs } = outlook.taken;
  const how_many = runs.length === 1 ? "One run would be planned:" : `${runs.length} runs would be planned:`;
  return blocks(
    saysOfPush(outlook),
    saysOfConsent(outlook.reading),
    saysOfPress(outlook),
    runs.length === 0 ? "No run would be planned." : how_many,
    ...runs.map((run) => saysOfRun(run, outlook)),
    list("Rules that call for nothing here", idleRules(outlook)),
    list("Not known here", UNKNOWN),
  );
}

/** What the press of the button that approves does. */
function saysOfConsent({ consent }: Reading): string {
  if (consent === null) return "";
  const which = consent.action === null ? "every run" : `every run of "${consent.action}"`;
  return paragraph(
    `It approves ${which} that waits for approval in this incident, unless the playbook excludes this person.`,
  );
}

const UNKNOWN = [
  "the incident: it is taken as one that has no other events, has never been reopened, and for which nothing was run",
  "the guards: what else has been started lately, what a person has stopped, which breaker is open",
  "Flashduty: whether the incident is still open, and whether it was the receiver itself that acted, for then rules call for nothing",
];

/** What others have written. */
function shown(text: string): string {
  return line(text, 200);
}

function saysOfPush({ push, reading, at }: Outlook): string {
  const { event_type, event_id, person, incident } = push;
  const { incident_id, title, incident_severity, progress, channel_name, labels } = incident;
  const label_list = Object.entries(labels).map(([name, value]) => shown(`${name}=${value}`));
  const known = EVENT_TYPES.find((type) => type === event_type);
  const who = person === null ? "" : ` by ${shown(person.person_name || person.person_id)}`;
  return lines(
    "What would happen. Nothing is run, sent or stored.",
    row("push", [`to /webhooks/${reading.event.address}, arriving at ${moment(at)}`]),
    row("event", [`${event_type}${who}${known === undefined ? "" : `: the incident ${saysOfEvents([known])}`}`]),
    row("event_id", [event_id]),
    row("incident", [`${incident_id}${title === "" ? "" : `: ${shown(title)}`}`]),
    row("severity", incident_severity === "" ? [] : [shown(incident_severity)]),
    row("progress", progress === "" ? [] : [shown(progress)]),
    row("channel", channel_name === "" ? [] : [shown(channel_name)]),
    row("labels", label_list.length === 0 ? ["none"] : [label_list.join(", ")]),
  );
}

function saysOfRun(run: Run, outlook: Outlook): string {
  const action = actionNamed(outlook.playbook, run.action);
  if (action === undefined) throw new Error(`planned was ${run.action}, which the playbook does not have`);
  const params = Object.entries(run.params).map(([name, value]) => line(`${name}=${value}`, 200));
  const has_ended = run.ended_at !== null;
  const limits = has_ended ? [] : saysOfGuards(action);
  return lines(
    run.action,
    row("run_id", [runId(run)]),
    row("called for", [saysOfCause(run, outlook)]),
    row("acts on", [run.key === "" ? (action.key === null ? "nothing in particular" : "nothing") : run.key]),
    row("with", params.length === 0 ? [] : [params.join(", ")]),
    row("by", [run.connector === "" ? "no connector: none is set up here" : run.connector]),
    row("then", has_ended ? [`it ends as ${run.state} at once: ${run.reason}`] : saysOfWaiting(run, action)),
    row("limits", limits),
  );
}

function saysOfCause(run: Run, { playbook, ...outlook }: Outlook): string {
  const bringers = outlook.taken.runs.filter(({ after }) => after === run.action).map(({ action }) => action);
  const is_asked = ({ action, brought_by }: Asked) => action === run.action && brought_by === "";
  if (!outlook.reading.asked.some(is_asked)) return `${bringers.join(" and ")}, to come before it`;
  if (run.by === "command")
    return `the press of its button${run.asked_by === "" ? "" : ` by ${line(run.asked_by, 80)}`}`;
  const numbers = playbook.rules.flatMap((rule, at) =>
    rule.run === run.action && objectionTo(rule, { playbook, ...outlook }) === null ? [at + 1] : [],
  );
  return `rule ${numbers.join(" and rule ")}${numbers.length > 1 ? "; one that wants consent decides, or the one that asks for less" : ""}`;
}

/** What has to come before the run starts. */
function saysOfWaiting({ approval, after, policy, due_at, planned_at }: Run, action: Action): string[] {
  const missed = action.after !== null && after === "" ? `, without "${action.after}", which cannot be run here` : "";
  const open = action.demands === "open" ? " and the incident is still open" : "";
  return [
    ...(approval === null ? [] : [saysOfApproval(approval, due_at ?? planned_at)]),
    ...(after === ""
      ? []
      : [`it waits until the run of "${after}" has ended, ${duration(WAITS_FOR_FIRST_MS)} at most`]),
    ...(approval === null && after === "" ? [`it starts at once${missed}, where the guards let it${open}`] : []),
    ...(policy.dry_run ? ["dry run: everything is done but the call to the target"] : []),
  ];
}

function saysOfApproval({ within_ms, not_by }: NonNullable<Run["approval"]>, until: number): string {
  const others = not_by.length === 0 ? "" : `, by others than ${not_by.map(shown).join(", ")}`;
  return `it waits to be approved until ${moment(until)} (${duration(within_ms)})${others}`;
}

/** Why a rule does not call for its action; null where it does, or where its run tells what is wrong with it. */
function objectionTo(rule: Rule, { push, playbook, here, reading, at }: Outlook): string | null {
  if (!rule.on.some((type) => type === push.event_type)) return "it is for other types of event";
  const conditions = unmet(rule, contextOf(push), at);
  if (conditions.length > 0) return `what does not hold: ${conditions.join("; ")}`;
  const planning = {
    playbook: { ...playbook, rules: [rule] },
    readiness: (one: Action) => readiness(one, here.env),
    own_id: "",
    now: at,
  };
  const alone = take({ ...reading.event, arrival: 1 }, NOTHING_KNOWN, plan(push, null, planning), at);
  if (alone.runs.length > 0) return null;
  const { follows, when } = rule;
  const missing =
    follows || typeof when !== "object"
      ? [`"${rule.run}" was run for the incident before`]
      : saysOfCondition({ ...(when.occurrence && { occurrence: when.occurrence }) });
  return `what does not hold, as far as is known here: ${missing.join("; ")}`;
}

function idleRules(outlook: Outlook): string[] {
  const idle = outlook.playbook.rules.flatMap((rule, at) => {
    const objection = objectionTo(rule, outlook);
    return objection === null ? [] : [{ rule: `${at + 1} (${rule.run})`, objection }];
  });
  const by_objection = Map.groupBy(idle, ({ objection }) => objection);
  return [...by_objection].map(([objection, rules]) => `${rules.map(({ rule }) => rule).join(", ")}: ${objection}`);
}

/** A press that came as an event of the incident webhook runs nothing: its action's own address does. */
function saysOfPress({ push, reading }: Outlook): string {
  if (push.event_type !== PRESS || reading.event.address !== "incident") return "";
  return "It is a press that came to the incident webhook, where it runs nothing.\nFor the push to its button's address, add: --action NAME";
}
