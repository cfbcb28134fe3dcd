// What an action is: what it does, for whom and on what, and by which connectors it can be carried out.
import * as z from "zod";
import type { Guards } from "../domain/guard.ts";
import type { Key } from "../domain/key.ts";
import type { Plannable } from "../domain/playbook.ts";
import { Policy } from "../domain/run.ts";
import type { EventType } from "../flashduty/event-type.ts";
import type { Connector, Given, RawParams } from "./connector.ts";

/** What the playbook says of an action; what it leaves out has a default. */
interface ActionSpec<Shape extends z.ZodRawShape> extends Partial<
  Pick<Policy, "once" | "attempts" | "time_limit_ms" | "max_age_ms" | "dry_run">
> {
  /** What it does, for people: "restart a host". */
  summary: string;
  /** What the address of its custom action may carry as query; `{}` for nothing. */
  params: Shape;
  /** What it acts on. Without it, it acts on nothing in particular. */
  key?: Key;
  /** Only tells something, and changes nothing that anyone would miss. */
  informational?: boolean;
  /** It cannot simply be done again or taken back, so it needs a key and guards. What is not informational is, by default. */
  destructive?: boolean;
  /** What keeps it from being run too often, on too much, or in vain. */
  guards?: Guards;
  /** The action that comes first, and is run with it where it is set up: to gather evidence before it is gone. */
  after?: string;
  /** The types of event by which what it does comes back as a push: `i_r_field` by itself, where it sets fields. */
  causes?: readonly EventType[];
  /** How the incident must be, by Flashduty's own word, just before the action starts: not closed, or whatever it is. */
  demands?: "open" | "nothing";
  /** What to do where Flashduty does not answer to that: start all the same, or wait. Informational ones go on. */
  unanswered?: "go_on" | "wait";
  /** Custom fields of the incident that are set with what it found: the field's name, and the value's. */
  fields?: Readonly<Record<string, string>>;
}

export interface Action extends Plannable {
  summary: string;
  params: z.ZodType<Record<string, unknown>>;
  informational: boolean;
  demands: "open" | "nothing";
  unanswered: "go_on" | "wait";
  fields: Readonly<Record<string, string>>;
  /** By which it can be carried out; the first whose settings are there is the one. */
  connectors: readonly Connector[];
}

/** What an action is carried out with where it does not say otherwise. */
export const DEFAULT_POLICY: Policy = Policy.parse({
  once: false,
  repeatable: true,
  attempts: 5,
  time_limit_ms: 10_000,
});

/** An action: what it does, and by which connectors. Throws where two of them have one name. */
export function action<Shape extends z.ZodRawShape>(
  spec: ActionSpec<Shape>,
  connectors: readonly Connector<NoInfer<z.output<z.ZodObject<Shape>>>>[],
): Action {
  const params = z.strictObject(spec.params);
  const names = connectors.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new Error(`"${spec.summary}": two connectors have one name`);
  const { informational = false } = spec;
  const { once, attempts, time_limit_ms, max_age_ms, dry_run } = { ...DEFAULT_POLICY, ...spec };
  const { fields = {}, causes = [] } = spec;
  return {
    summary: spec.summary,
    params,
    key: spec.key ?? null,
    policy: { ...DEFAULT_POLICY, once, attempts, time_limit_ms, max_age_ms, dry_run },
    destructive: spec.destructive ?? !informational,
    guards: spec.guards ?? {},
    after: spec.after ?? null,
    causes: Object.keys(fields).length === 0 ? causes : [...causes, "i_r_field"],
    informational,
    demands: spec.demands ?? "open",
    unanswered: spec.unanswered ?? (informational ? "go_on" : "wait"),
    fields,
    connectors: connectors.map((connector) => parsing(params, connector)),
  };
}

/** The connector, given parameters as an address carried them: it sees them as the action declares them. */
function parsing<Params>(params: z.ZodType<Params>, connector: Connector<Params>): Connector {
  const { name, settings, lacks, repeatable, start, look } = connector;
  const parsed = (given: Given<RawParams>) => ({ ...given, params: params.parse(given.params) });
  return {
    name,
    settings,
    repeatable,
    ...(lacks && { lacks }),
    start: async (given) => start(parsed(given)),
    ...(look && { look: async (handle, given) => look(handle, parsed(given)) }),
  };
}
