// What an AWX template would make of a launch, asked before there is one; and what speaks against launching it.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { readBefore, type Reading } from "../answer.ts";
import type { Asking, Json, Target } from "../target.ts";

const Launch = z.object({
  ask_limit_on_launch: z.boolean(),
  ask_variables_on_launch: z.boolean(),
  survey_enabled: z.boolean(),
  defaults: z.object({ inventory: z.object({ id: z.int().nullish() }).nullish() }),
});
const Survey = z.object({ spec: z.array(z.object({ variable: z.string() })).default([]) });
const Page = z.object({ count: z.int() });

/** `asked`: the variables that its survey asks for. */
export type Template = z.output<typeof Launch> & { asked: readonly string[] };

/** What is to be launched: the template of that id, on that host, with these variables. */
export interface Wish {
  id: string;
  limit: string | undefined;
  vars: Readonly<Record<string, Json>>;
}

/** A request to the API, as one attempt makes it. */
export type Ask = (
  method: Asking["method"],
  path: readonly string[],
  more?: Partial<Asking>,
) => ReturnType<Target["ask"]>;

/** What keeps the name from being one host, for Ansible reads a limit as a pattern; null where nothing does. */
export function faultOf(name: string): string | null {
  if (name === "")
    return "there is no host to limit the job to, and without a limit it runs on all hosts of the template";
  const quoted = JSON.stringify(name.slice(0, 100));
  if (/^(all|ungrouped|localhost|127\.0\.0\.1)$/i.test(name))
    return `${quoted} means to Ansible many hosts, or the machine that runs the job`;
  if (/^[a-z0-9_][\w.-]{0,252}$/i.test(name)) return null;
  return `${quoted} is not the plain name of a host, and Ansible could read it as a pattern of many`;
}

const tick = (field: string) => `tick "Prompt on launch" at ${field} in the template`;

/** Nothing was launched, and this is why. */
export const refused = (reason: string): Outcome => ({ kind: "failed", reason: `not launched: ${reason}` });

/** Whether the template takes a variable of that name. */
export const takes = (template: Template, name: string) =>
  template.ask_variables_on_launch || template.asked.includes(name);

/** Asks for the template, and for its survey where it has one. */
export async function templateOf(ask: Ask, id: string, may_have_acted: boolean): Promise<Reading<Template>> {
  const launch = readBefore(await ask("GET", ["job_templates", id, "launch"]), Launch, may_have_acted);
  if (!launch.ok) return launch;
  if (!launch.value.survey_enabled) return { ...launch, value: { ...launch.value, asked: [] } };
  const survey = readBefore(await ask("GET", ["job_templates", id, "survey_spec"]), Survey, may_have_acted);
  if (!survey.ok) return survey;
  return { ...launch, value: { ...launch.value, asked: survey.value.spec.map(({ variable }) => variable) } };
}

/** Why the template would not run as it is wished; null where it would. */
export async function refusalOf(ask: Ask, template: Template, { limit, vars }: Wish): Promise<Outcome | null> {
  if (limit !== undefined && !template.ask_limit_on_launch)
    return refused(`AWX would ignore the limit ${limit} and run on all hosts of the template; ${tick("Limit")}`);
  const left_out = Object.keys(vars).filter((name) => vars[name] !== undefined && !takes(template, name));
  if (left_out.length > 0)
    return refused(`AWX would ignore ${left_out.join(", ")}; ${tick("Variables")}, or ask for them in its survey`);
  return limit === undefined ? null : widening(ask, template, limit);
}

/** Why the limit would reach more than its host, which is where a group has the same name; null where it would not. */
async function widening(ask: Ask, { defaults }: Template, limit: string): Promise<Outcome | null> {
  const inventory = defaults.inventory?.id ?? null;
  if (inventory === null) return refused("the template has no inventory of its own; choose one there");
  const query = { name: limit, page_size: 1 };
  // By now it is known that no earlier attempt has launched anything.
  const groups = readBefore(await ask("GET", ["inventories", String(inventory), "groups"], { query }), Page);
  if (!groups.ok && groups.outcome.kind === "failed")
    return refused(`the groups of inventory ${inventory} cannot be read: ${groups.outcome.reason}`);
  if (!groups.ok) return groups.outcome;
  return groups.value.count === 0 ? null : refused(`${limit} is also a group of hosts, and all of it would be reached`);
}
