// AWX, and the automation controller of Red Hat's Ansible Automation Platform: launches a job template, and follows the job.
// AWX ignores what its template does not prompt for, and launches all the same, on all hosts where that was the limit: so
// the template is asked first. The contract: the descriptions under /api/v2/ , and awx/api in github.com/ansible/awx.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { notDone, readBefore, type Reading, readLook, readStart } from "../answer.ts";
import type { Connector, Given } from "../connector.ts";
import { markOf } from "../mark.ts";
import { type Asking, type Json, type Target, target } from "../target.ts";

export interface AwxSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the template's id (a number). */
  template: string;
  /** The one host, by its name in the inventory, to which the job is limited. Without it the job runs on all of the template's. */
  limit?: (given: Given<Params>) => string | undefined;
  extra_vars?: (given: Given<Params>) => Readonly<Record<string, Json>>;
}

/** Names the run in the job's variables, so that a launch whose answer was lost is found again. */
const MARK = "flashduty_run";
/** Jobs of the template, the newest first, among which such a launch is looked for. */
const MOST_JOBS = 25;

const Launch = z.object({
  ask_limit_on_launch: z.boolean(),
  ask_variables_on_launch: z.boolean(),
  survey_enabled: z.boolean(),
  defaults: z.object({ inventory: z.object({ id: z.int().nullish() }).nullish() }),
});
const Survey = z.object({ spec: z.array(z.object({ variable: z.string() })).default([]) });
const Page = z.object({ count: z.int() });
const Job = z.object({
  id: z.int(),
  /** A template that cuts its inventory into slices answers with a workflow of jobs. */
  type: z.enum(["job", "workflow_job"]),
  status: z.string(),
  job_explanation: z.string().nullish(),
});
const Launched = Job.extend({ ignored_fields: z.record(z.string(), z.unknown()) });
const Jobs = z.object({ results: z.array(Job.extend({ extra_vars: z.string().nullish() })) });
type Job = z.output<typeof Job>;
/** `asked`: the variables that its survey asks for. */
type Template = z.output<typeof Launch> & { asked: readonly string[] };

interface Wish {
  id: string;
  limit: string | undefined;
  vars: Readonly<Record<string, Json>>;
}

type Attempted = Pick<Given<unknown>, "run_id" | "planned_at" | "may_have_acted">;

/** The API as one attempt reaches it, and where its pages for jobs are. */
interface Api {
  ask: (method: Asking["method"], path: readonly string[], more?: Partial<Asking>) => ReturnType<Target["ask"]>;
  pages: string;
}

/**
 * Needs `AWX_URL`, `AWX_TOKEN` (of a user that may execute the template and read its inventory) and the template's id.
 * `AWX_API` is where the API begins: `api/v2` by default, `api/controller/v2` behind the gateway of AAP 2.5 and later.
 */
export function awx<Params>({ settings = "AWX", template, limit, extra_vars }: AwxSpec<Params>): Connector<Params> {
  const server = target(settings, { token: "required" });
  const base = `${settings}_API`;
  const apiOf = (given: Given<Params>): Api => {
    const { [`${settings}_URL`]: url = "", [base]: path = "" } = given.settings;
    const root = path.split("/").filter((segment) => segment !== "");
    return {
      ask: (method, rest, more) =>
        server.ask(given, { ...more, method, path: [...root, ...rest], ends_in_slash: true }),
      pages: `${url.replace(/\/$/, "")}/${root.includes("controller") ? "execution" : "#"}/jobs`,
    };
  };
  return {
    name: `AWX (${template})`,
    settings: [
      ...server.settings,
      { name: template, kind: "text", required: true },
      { name: base, kind: "text", required: false, default: "api/v2" },
    ],
    lacks: ({ [template]: id = "" }) =>
      /^\d{1,9}$/.test(id) ? null : `${template} must be the template's id, the number in the address of its page`,
    repeatable: true,
    start: async (given) => {
      const host = limit === undefined ? undefined : (limit(given) ?? "");
      const fault = host === undefined ? null : faultOf(host);
      if (fault !== null) return refused(fault);
      const wish = { id: given.settings[template] ?? "", limit: host, vars: extra_vars?.(given) ?? {} };
      return start(apiOf(given), wish, given);
    },
    look: async (handle, given) => {
      const api = apiOf(given);
      const seen = readLook(await api.ask("GET", handle.split("/")), Job);
      return seen.ok ? follow(seen.value, api) : seen.outcome;
    },
  };
}

/** What keeps the name from being one host, for Ansible reads a limit as a pattern; null where nothing does. */
function faultOf(name: string): string | null {
  if (name === "")
    return "there is no host to limit the job to, and without a limit it runs on all hosts of the template";
  const quoted = JSON.stringify(name.slice(0, 100));
  if (/^(all|ungrouped|localhost|127\.0\.0\.1)$/i.test(name))
    return `${quoted} means to Ansible many hosts, or the machine that runs the job`;
  if (/^[a-z0-9_][\w.-]{0,252}$/i.test(name)) return null;
  return `${quoted} is not the plain name of a host, and Ansible could read it as a pattern of many`;
}

async function start(api: Api, wish: Wish, given: Attempted): Promise<Outcome> {
  const { id, limit, vars } = wish;
  const { may_have_acted } = given;
  const mark = markOf(given);
  if (may_have_acted) {
    const query = { unified_job_template: id, order_by: "-id", page_size: MOST_JOBS };
    const seen = readLook(await api.ask("GET", ["unified_jobs"], { query }), Jobs);
    if (!seen.ok) return seen.outcome;
    const own = seen.value.results.filter((job) => job.extra_vars?.includes(`"${mark}"`));
    const [known] = own.toSorted((one, other) => one.id - other.id); // slices come after their workflow
    if (known !== undefined) return follow(known, api);
  }
  const template = await templateOf(api, id, may_have_acted ? readLook : readBefore);
  if (!template.ok) return template.outcome;
  const is_marked = takes(template.value, MARK);
  if (may_have_acted && !is_marked) return { kind: "unclear", reason: UNMARKED };
  const refusal = refusalOf(template.value, wish) ?? (await widening(api, template.value, limit));
  if (refusal !== null) return refusal;
  const json = { limit, extra_vars: { ...vars, ...(is_marked && { [MARK]: mark }) } };
  const started = readStart(await api.ask("POST", ["job_templates", id, "launch"], { json }), Launched);
  if (!started.ok) return started.outcome;
  const ignored = Object.keys(started.value.ignored_fields);
  return ignored.length === 0 ? follow(started.value, api) : callBack(api, started.value, ignored);
}

const UNMARKED = `the job may have been launched, and the template takes no variable ${MARK} to find it by: look at its jobs`;
const tick = (field: string) => `tick "Prompt on launch" at ${field} in the template`;
const refused = (reason: string): Outcome => ({ kind: "failed", reason: `not launched: ${reason}` });
const takes = (template: Template, name: string) => template.ask_variables_on_launch || template.asked.includes(name);

async function templateOf({ ask }: Api, id: string, read: typeof readBefore): Promise<Reading<Template>> {
  const launch = read(await ask("GET", ["job_templates", id, "launch"]), Launch);
  if (!launch.ok) return launch;
  if (!launch.value.survey_enabled) return { ...launch, value: { ...launch.value, asked: [] } };
  const survey = read(await ask("GET", ["job_templates", id, "survey_spec"]), Survey);
  if (!survey.ok) return survey;
  return { ...launch, value: { ...launch.value, asked: survey.value.spec.map(({ variable }) => variable) } };
}

/** Why the template would not run as it is wished; null where it would. */
function refusalOf(template: Template, { limit, vars }: Wish): Outcome | null {
  if (limit !== undefined && !template.ask_limit_on_launch)
    return refused(`AWX would ignore the limit ${limit} and run on all hosts of the template; ${tick("Limit")}`);
  const left_out = Object.keys(vars).filter((name) => vars[name] !== undefined && !takes(template, name));
  if (left_out.length > 0)
    return refused(`AWX would ignore ${left_out.join(", ")}; ${tick("Variables")}, or ask for them in its survey`);
  return null;
}

/** Why the limit would reach more than its host, which is where a group has the same name; null where it would not. */
async function widening({ ask }: Api, { defaults }: Template, limit: string | undefined): Promise<Outcome | null> {
  if (limit === undefined) return null;
  const inventory = defaults.inventory?.id ?? null;
  if (inventory === null) return refused("the template has no inventory of its own; choose one there");
  const query = { name: limit, page_size: 1 };
  const groups = readBefore(await ask("GET", ["inventories", String(inventory), "groups"], { query }), Page);
  if (!groups.ok && groups.outcome.kind === "failed")
    return refused(`the groups of inventory ${inventory} cannot be read: ${groups.outcome.reason}`);
  if (!groups.ok) return groups.outcome;
  return groups.value.count === 0 ? null : refused(`${limit} is also a group of hosts, and all of it would be reached`);
}

/** The template was changed between asking and launching: the job runs without what it was given. */
async function callBack(api: Api, job: Job, ignored: readonly string[]): Promise<Outcome> {
  const is_cancelled = notDone(await api.ask("POST", [...pathOf(job), "cancel"])) === null;
  const then = is_cancelled ? "it is being cancelled" : "it could not be cancelled, do so at once";
  const reason = `${wordsOf(job)} was launched, but AWX ignored ${ignored.join(", ")}: ${then}, and see which hosts it has reached`;
  return { kind: "failed", reason, links: linksOf(job, api) };
}

const GOING_ON = new Set(["new", "pending", "waiting", "running"]);
const ENDED_BADLY = new Set(["failed", "error", "canceled"]);

function follow(job: Job, api: Api): Outcome {
  const [words, links] = [wordsOf(job), linksOf(job, api)];
  if (GOING_ON.has(job.status))
    return { kind: "waiting", handle: pathOf(job).join("/"), summary: `${words} is ${job.status}`, links };
  if (job.status === "successful") return { kind: "succeeded", summary: `${words} succeeded`, links };
  const why = job.job_explanation ? ` (${job.job_explanation})` : "";
  if (ENDED_BADLY.has(job.status)) return { kind: "failed", reason: `${words} ended: ${job.status}${why}`, links };
  return { kind: "unclear", reason: `${words} is in a state that is not known: ${job.status}` };
}

const pathOf = ({ type, id }: Job) => [`${type}s`, String(id)];
const wordsOf = ({ type, id }: Job) => `${type === "job" ? "job" : "workflow job"} ${id}`;
const linksOf = ({ type, id }: Job, { pages }: Api) => [
  `${pages}/${type === "job" ? "playbook" : "workflow"}/${id}/output`,
];
