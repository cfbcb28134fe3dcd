// What an action is: what it does, for whom and on what, and by which connectors it can be carried out.
import * as z from "zod";
import type { Key, Plannable } from "../domain/playbook.ts";
import type { Policy } from "../domain/run.ts";
import type { Connector, Given, RawParams } from "./connector.ts";

/** What the playbook says of an action; what it leaves out has a default. */
interface ActionSpec<Shape extends z.ZodRawShape> extends Partial<Pick<Policy, "once" | "attempts" | "time_limit_ms">> {
  /** What it does, for people: "restart a host". */
  summary: string;
  /** What the address of its custom action may carry as query; `{}` for nothing. */
  params: Shape;
  /** What it acts on. Without it, it acts on nothing in particular. */
  key?: Key;
  /** Only tells something, and changes nothing that anyone would miss. */
  informational?: boolean;
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
export const DEFAULT_POLICY: Policy = { once: false, repeatable: true, attempts: 5, time_limit_ms: 10_000 };

/** An action: what it does, and by which connectors. Throws where two of them have one name. */
export function action<Shape extends z.ZodRawShape>(
  spec: ActionSpec<Shape>,
  connectors: readonly Connector<NoInfer<z.output<z.ZodObject<Shape>>>>[],
): Action {
  const params = z.strictObject(spec.params);
  const names = connectors.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new Error(`"${spec.summary}": two connectors have one name`);
  const { informational = false } = spec;
  const { once, attempts, time_limit_ms } = { ...DEFAULT_POLICY, ...spec };
  return {
    summary: spec.summary,
    params,
    key: spec.key ?? null,
    policy: { ...DEFAULT_POLICY, once, attempts, time_limit_ms },
    informational,
    demands: spec.demands ?? "open",
    unanswered: spec.unanswered ?? (informational ? "go_on" : "wait"),
    fields: spec.fields ?? {},
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
