// The playbook as it is written and as it is set up on this machine: what each action does, on what, by which connector and
// within which limits; and the rules, as sentences.

import * as z from "zod";
import type { Action } from "../src/actions/action.ts";
import { choose, ready } from "../src/actions/choose.ts";
import type { Connector } from "../src/actions/connector.ts";
import { readConnectorSettings, readSettings } from "../src/config.ts";
import { saysOfEvents, saysOfGuards, saysOfPolicy, saysOfRule } from "../src/domain/playbook-words.ts";
import type { Playbook } from "../src/domain/playbook.ts";
import { visible } from "../src/domain/text.ts";
import { blocks, lines, paragraph, row } from "./playbook-layout.ts";
import type { Here } from "./playbook-settings.ts";

export function explain(playbook: Playbook<Action>, here: Here): string {
  const actions = Object.entries(playbook.actions);
  const { rules } = playbook;
  return blocks(
    `${titleOf(playbook)} (src/playbook.ts)`,
    ...actions.map(([name, action]) => saysOfAction(name, action, playbook, here)),
    lines("Rules", ...(rules.length === 0 ? ["  none: actions are run by their buttons alone"] : saysOfRules(rules))),
    HOW_TO_SET,
  );
}

const HOW_TO_SET = [
  "A secret is set with: wrangler secret put NAME. Other settings stand under [vars] in wrangler.toml.",
  'On this machine both may be lines in .dev.vars: NAME="value"',
].join("\n");

export function titleOf({ actions, rules }: Playbook<Action>): string {
  return `The playbook: ${count(Object.keys(actions).length, "action")}, ${count(rules.length, "rule")}`;
}

function saysOfRules(rules: Playbook["rules"]): string[] {
  const said = rules.map((rule, at) => paragraph(saysOfRule(rule), 5, `  ${at + 1}.`));
  const waits = rules.some(({ approval }) => approval !== undefined);
  return waits ? [...said, paragraph(APPROVAL, 2)] : said;
}

const APPROVAL = "Approval is given by the button /webhooks/action/approve, or at /admin/api/runs/<run_id>/approve.";

function saysOfAction(name: string, action: Action, { rules }: Playbook<Action>, here: Here): string {
  const choice = choose(action, here.env);
  const numbers = rules.flatMap(({ run }, at) => (run === name ? [String(at + 1)] : []));
  const limits = saysOfGuards(action);
  const policy = { ...action.policy, dry_run: action.policy.dry_run || readSettings(here.env).dry_run };
  const { after, causes } = action;
  return lines(
    paragraph(`${name}: ${visible(action.summary)}`),
    row("button", [`/webhooks/action/${name}${saysOfParams(action.params)}`]),
    row("rules", [numbers.length === 0 ? "none calls for it" : numbers.join(", ")]),
    row("kind", [saysOfKind(action)]),
    row("acts on", [saysOfKey(action)]),
    row("by", saysOfConnectors(action, here.env)),
    row("after", after === null ? [] : [`"${after}", which is run with it where it is set up`]),
    row("limits", limits.length === 0 ? ["none"] : limits),
    row("asks", saysOfDemand(action)),
    row("attempts", saysOfPolicy(policy, choice.ok ? choice.connector.repeatable : null)),
    row("sets", saysOfFields(action)),
    row("causes", causes.length === 0 ? [] : [`by what it does, the incident ${saysOfEvents(causes)}`]),
  );
}

/** What the button's address may carry. */
function saysOfParams(params: Action["params"]): string {
  const names = params instanceof z.ZodObject ? Object.keys(params.shape) : [];
  if (names.length === 0) return "";
  const missing = new Set(params.safeParse({}).error?.issues.map(({ path }) => path[0]));
  const optional = names.filter((name) => !missing.has(name));
  const hint = optional.length === 0 ? "" : ` (${optional.join(", ")} may be left out)`;
  return `?${names.map((name) => `${name}=…`).join("&")}${hint}`;
}

function saysOfKind({ destructive, informational }: Action): string {
  if (destructive) return "changes something that cannot simply be done again or taken back";
  return informational ? "only tells something" : "changes something that can be done again or taken back";
}

function saysOfKey({ key }: Action): string {
  if (key === null) return "nothing in particular: it has no key";
  const one_thing = key.is === undefined ? "" : ", or where it names no single thing";
  return `${visible(key.from)}, its key: without it${one_thing}, nothing is done`;
}

function saysOfConnectors(action: Action, env: Env): string[] {
  const choice = choose(action, env);
  const chosen = choice.ok ? choice.connector.name : null;
  const others = action.connectors.filter(({ name }) => name !== chosen).map((one) => saysOfConnector(one, env));
  return chosen === null
    ? ["nothing yet: it is not set up here, so that its runs end as failed. One of these is needed:", ...others]
    : [chosen, ...others.map((other) => `(not by ${other})`)];
}

function saysOfConnector(connector: Connector, env: Env): string {
  const needed = ready(connector, env).ok ? "" : neededBy(connector, env);
  return needed === "" ? `${connector.name}: it is set up, but comes later` : `${connector.name}: it needs ${needed}`;
}

/** What has to be set before it can be used. */
function neededBy({ settings, lacks }: Connector, env: Env): string {
  const read = readConnectorSettings(env, settings);
  if (!read.ok)
    return settings
      .filter((one) => !readConnectorSettings(env, [one]).ok)
      .map(named)
      .join(", ");
  const { values } = read.settings;
  // Where one of several will do: those that would do alone.
  const enough = settings.filter(({ name }) => lacks?.({ ...values, [name]: "any" }) === null);
  return enough.length > 0 ? `one of ${enough.map(named).join(", ")}` : (lacks?.(values) ?? "");
}

function named({ name, kind }: Connector["settings"][number]): string {
  return kind === "secret" || kind === "secret_url" ? `${name} (secret)` : name;
}

function saysOfDemand({ demands, unanswered }: Action): string[] {
  if (demands === "nothing") return [];
  const silence = unanswered === "wait" ? "it waits" : "it goes on";
  return [`Flashduty, just before, whether the incident is still open; where that does not answer, ${silence}`];
}

function saysOfFields({ fields }: Action): string[] {
  const said = Object.entries(fields).map(([field, value]) => `${field} to "${value}"`);
  return said.length === 0 ? [] : [`custom fields of the incident, with what it found: ${said.join(", ")}`];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
