// Pages that ask once more before something is done: they say in words what will happen, and to what.
import type { Child } from "hono/jsx";
import type { Action } from "../../actions/action.ts";
import { MOST_REASON, type Refused } from "../endpoint.ts";
import type { Preview, QuarantineEntry, RunView, SwitchView } from "../shapes.ts";
import { MOST_NAME } from "../who.ts";
import { State } from "./badge.tsx";
import { Layout } from "./layout.tsx";
import { type EntryDecision, type RunDecision, type SwitchDecision, toEntry, toIncident, toRun } from "./paths.ts";
import { ProblemNotice } from "./problem.tsx";
import { EntryFacts, Foreseen } from "./quarantine.tsx";
import { Facts } from "./table.tsx";
import { IdLink, Text } from "./text.tsx";
import { say, type Viewer } from "./viewer.ts";

/** What was sent with the form before, where it is shown again. */
export type Form = Readonly<Record<string, string>>;

interface Asking {
  viewer: Viewer;
  form: Form;
  /** Why it was not done. */
  problem: Refused["problem"] | null;
}

interface Given extends Asking {
  title: string;
  submit: string;
  /** Where who thinks better of it goes. */
  back: string;
  asks_reason?: boolean;
  /** Further fields of the form. */
  fields?: Child;
  children: Child;
}

function ConfirmPage({ viewer, form, problem, title, submit, back, asks_reason = false, fields, children }: Given) {
  const words = say(viewer).confirm;
  return (
    <Layout viewer={viewer} title={title}>
      {problem !== null && (
        <>
          <h2>{words.failed}</h2>
          <ProblemNotice problem={problem} />
        </>
      )}
      {children}
      <h2>{words.sure}</h2>
      <form method="post" class="confirm">
        {fields}
        {asks_reason && (
          <label>
            {words.reason}
            <input name="reason" required maxlength={MOST_REASON} autocomplete="off" value={form["reason"] ?? ""} />
          </label>
        )}
        {viewer.who?.kind !== "person" && (
          <label>
            {words.by}
            <input name="by" required maxlength={MOST_NAME} autocomplete="name" value={form["by"] ?? ""} />
          </label>
        )}
        <p class="buttons">
          <button type="submit" class="main">
            {submit}
          </button>
          <a class="button" href={back}>
            {words.back}
          </a>
        </p>
      </form>
    </Layout>
  );
}

export interface RunAsked {
  what: RunDecision;
  run: RunView;
  /** As the playbook has it now; undefined where it has none of that name any more. */
  action: Action | undefined;
  /** Null where it could not be found out. */
  switches: SwitchView | null;
}

export function ConfirmRun({ what, run, action, switches, ...asking }: Asking & RunAsked) {
  const { viewer } = asking;
  const words = say(viewer).confirm;
  const own = words[what];
  const is_stopped = switches?.stops.some((stop) => stop.action === null || stop.action === run.action) ?? false;
  const is_open = switches?.open_breakers.some((breaker) => breaker.action === run.action) ?? false;
  const starts = what !== "cancel";
  const page = { title: own.title, submit: own.submit, back: toRun(run.run_id), asks_reason: what === "cancel" };
  const fields = what === "retry" ? <Override {...asking} action={action} /> : undefined;
  return (
    <ConfirmPage {...asking} {...page} fields={fields}>
      <p class="will">{own.will}</p>
      {what === "retry" && run.approval !== null && run.approved_by === "" && <p>{words.retry.needs_approval}</p>}
      <Facts
        facts={[
          [words.action, <Text text={run.action} />],
          action === undefined ? null : [words.does, <Text text={action.summary} />],
          [words.on, <Text text={run.key || words.nothing_particular} most={200} />],
          [words.incident, <IdLink href={toIncident(run.incident_id)} id={run.incident_id} />],
          [words.state, <State viewer={viewer} state={run.state} />],
          run.reason === "" ? null : [say(viewer).runs.reason, <Text text={run.reason} most={400} />],
          run.connector === "" ? null : [words.connector, <Text text={run.connector} />],
        ]}
      />
      {what === "retry" && run.may_have_acted && <p class="notice bad">{words.retry.may_have_acted}</p>}
      {starts && is_stopped && <p class="notice warn">{words.is_stopped}</p>}
      {starts && is_open && <p class="notice warn">{words.is_open}</p>}
      {starts && run.policy.dry_run && <p class="notice">{words.dry_run}</p>}
    </ConfirmPage>
  );
}

/** Whether the guards are to be overridden, and which these are; where the playbook lets nobody, it says so. */
function Override({ viewer, form, action }: Asking & Pick<RunAsked, "action">) {
  const { confirm, guard } = say(viewer);
  if (action === undefined || action.guards.override_within_ms === undefined)
    return <p class="hint">{confirm.retry.cannot_override}</p>;
  const { each, all, breaker, comebacks } = action.guards;
  const limits = [each, all];
  const has = {
    at_once: limits.some((limit) => limit?.at_once !== undefined),
    cool_down: limits.some((limit) => limit?.cool_down_ms !== undefined),
    budget: limits.some((limit) => limit?.budget !== undefined),
    breaker: breaker !== undefined,
    comebacks: comebacks !== undefined,
  };
  const names = (["at_once", "cool_down", "budget", "breaker", "comebacks"] as const).filter((name) => has[name]);
  return (
    <label class="check">
      <input type="checkbox" name="override" checked={form["override"] === "on"} />
      <span>
        {confirm.retry.override}
        <small>{confirm.retry.overrides(names.map((name) => guard[name]).join(", "))}</small>
      </span>
    </label>
  );
}

export interface EntryAsked {
  what: EntryDecision;
  entry: QuarantineEntry;
  /** Only of a replay; null where it could not be found out. */
  preview: Preview | null;
}

export function ConfirmEntry({ what, entry, preview, ...asking }: Asking & EntryAsked) {
  const { viewer } = asking;
  const { confirm, entry: words } = say(viewer);
  const own = confirm[what];
  return (
    <ConfirmPage {...asking} title={own.title} submit={own.submit} back={toEntry(entry.id)}>
      <p class="will">{own.will}</p>
      {what === "replay" && (
        <>
          <h2>{words.preview}</h2>
          <Foreseen viewer={viewer} preview={preview} />
        </>
      )}
      <p>
        <Text text={entry.detail} most={400} />
      </p>
      <EntryFacts viewer={viewer} entry={entry} />
    </ConfirmPage>
  );
}

const SWITCH_WORDS = { stop: "stop", "go-on": "go_on", "close-breaker": "close_breaker" } as const;

/** `action` null: everything. */
export function ConfirmSwitch(given: Asking & { what: SwitchDecision; action: string | null; summary: string }) {
  const { what, action, summary, ...asking } = given;
  const { confirm, text } = say(asking.viewer);
  const own = confirm[SWITCH_WORDS[what]];
  const title = own.title(action ?? text.everything);
  return (
    <ConfirmPage {...asking} title={title} submit={own.submit} back="/admin/switch" asks_reason>
      <p class="will">{own.will}</p>
      {summary !== "" && <Facts facts={[[confirm.does, <Text text={summary} />]]} />}
    </ConfirmPage>
  );
}
