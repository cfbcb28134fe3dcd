// AWX, and the automation controller of Red Hat's Ansible Automation Platform: launches a job template, and follows the job.
// AWX ignores what its template does not prompt for, and launches all the same, on all hosts where that was the limit: so
// the template is asked first. The contract: the descriptions under /api/v2/ , and awx/api in github.com/ansible/awx.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { notDone, readLook, readStart } from "../answer.ts";
import type { Attempt, Connector, Given } from "../connector.ts";
import { markOf, notYet } from "../mark.ts";
import { type Json, target } from "../target.ts";
import { type Ask, faultOf, refusalOf, refused, takes, templateOf, type Wish } from "./awx-template.ts";

interface AwxSpec<Params> {
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
const UNMARKED = `the job may have been launched, and the template takes no variable ${MARK} to find it by: look at its jobs`;
const UNSHOWN =
  "the job may have been launched, and AWX does not show the variables of its jobs to find it by: look at its jobs";
/** Jobs of the template, the newest first, among which such a launch is looked for. */
const MOST_JOBS = 25;

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

/** The API as one attempt reaches it, and where its pages for jobs are. */
interface Api {
  ask: Ask;
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
    const root = (given.settings[base] ?? "").split("/").filter((segment) => segment !== "");
    return {
      ask: (method, rest, more) =>
        server.ask(given, { ...more, method, path: [...root, ...rest], ends_in_slash: true }),
      pages: `${server.page(given)}/${root.includes("controller") ? "execution" : "#"}/jobs`,
    };
  };
  return {
    name: `AWX (${settings}, ${template})`,
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

async function start(api: Api, wish: Wish, given: Attempt): Promise<Outcome> {
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
    // What is not shown cannot be told from what is not there.
    if (seen.value.results.some((job) => typeof job.extra_vars !== "string"))
      return { kind: "unclear", reason: UNSHOWN };
    const not_yet = notYet(given);
    if (not_yet !== null) return not_yet;
  }
  const template = await templateOf(api.ask, id, may_have_acted);
  if (!template.ok) return template.outcome;
  const is_marked = takes(template.value, MARK);
  if (may_have_acted && !is_marked) return { kind: "unclear", reason: UNMARKED };
  const refusal = await refusalOf(api.ask, template.value, wish);
  if (refusal !== null) return refusal;
  const json = { limit, extra_vars: { ...vars, ...(is_marked && { [MARK]: mark }) } };
  const started = readStart(await api.ask("POST", ["job_templates", id, "launch"], { json }), Launched);
  if (!started.ok) return started.outcome;
  const ignored = Object.keys(started.value.ignored_fields);
  return ignored.length === 0 ? follow(started.value, api) : callBack(api, started.value, ignored);
}

/** The template was changed between asking and launching: the job runs without what it was given. */
async function callBack(api: Api, job: Job, ignored: readonly string[]): Promise<Outcome> {
  const is_cancelled = notDone(await api.ask("POST", [...pathOf(job), "cancel"])) === null;
  const then = is_cancelled ? "it is being cancelled" : "it could not be cancelled, do so at once";
  const reason = `${jobName(job)} was launched, but AWX ignored ${ignored.join(", ")}: ${then}, and see which hosts it has reached`;
  return { kind: "failed", reason, links: linksOf(job, api) };
}

const GOING_ON = new Set(["new", "pending", "waiting", "running"]);
const ENDED_BADLY = new Set(["failed", "error", "canceled"]);

function follow(job: Job, api: Api): Outcome {
  const [words, links] = [jobName(job), linksOf(job, api)];
  if (GOING_ON.has(job.status))
    return { kind: "waiting", handle: pathOf(job).join("/"), summary: `${words} is ${job.status}`, links };
  if (job.status === "successful") return { kind: "succeeded", summary: `${words} succeeded`, links };
  const why = job.job_explanation ? ` (${job.job_explanation})` : "";
  if (ENDED_BADLY.has(job.status)) return { kind: "failed", reason: `${words} ended: ${job.status}${why}`, links };
  return { kind: "unclear", reason: `${words} is in a state that is not known: ${job.status}` };
}

const pathOf = ({ type, id }: Job) => [`${type}s`, String(id)];
const jobName = ({ type, id }: Job) => `${type === "job" ? "job" : "workflow job"} ${id}`;
const linksOf = ({ type, id }: Job, { pages }: Api) => [
  `${pages}/${type === "job" ? "playbook" : "workflow"}/${id}/output`,
];
