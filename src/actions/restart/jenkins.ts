// Jenkins: builds a job with parameters, and follows its item in the queue, then the build, to the end. Jenkins ignores
// parameters that the job does not declare, and builds all the same: so the job is asked first. The contract:
// https://www.jenkins.io/doc/book/using/remote-access-api/ , and core/src/main/java/hudson/model in github.com/jenkinsci/jenkins.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { notDone, readBefore, readLook } from "../answer.ts";
import type { Connector, Given } from "../connector.ts";
import { markOf } from "../mark.ts";
import { type Target, target } from "../target.ts";

export interface JenkinsSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the job's path: `team/restart-host`. */
  job: string;
  /** The job's parameters, by name. */
  parameters?: (given: Given<Params>) => Readonly<Record<string, string | undefined>>;
}

/** Names the run to a job that declares such a parameter, so that a build whose start was not answered is found again. */
const MARK = "FLASHDUTY_RUN";
/** Builds of the job, the newest first, among which a build is looked for. */
const MOST_BUILDS = 50;

const Definition = z.object({ name: z.string(), choices: z.array(z.string()).nullish() });
const Job = z.object({
  /** A folder says nothing of it. */
  buildable: z.boolean().default(false),
  property: z.array(z.object({ parameterDefinitions: z.array(Definition).nullish() }).nullish()).default([]),
});
/** Actions of many kinds; parameters are in one of them. */
const Actions = z
  .array(z.object({ parameters: z.array(z.object({ name: z.string(), value: z.unknown() })).nullish() }).nullish())
  .default([]);
const Build = z.object({
  number: z.int(),
  building: z.boolean(),
  result: z.string().nullish(),
  queueId: z.int().nullish(),
  actions: Actions,
});
const Item = z.object({
  id: z.int(),
  why: z.string().nullish(),
  /** Only of an item that has left the queue: to be built, or because it was cancelled. */
  cancelled: z.boolean().nullish(),
  executable: z.object({ number: z.int() }).nullish(),
  actions: Actions,
});
const Queue = z.object({ items: z.array(Item) });
const Builds = z.object({ builds: z.array(Build) });
type Build = z.output<typeof Build>;
type Item = Pick<z.input<typeof Item>, "id" | "why" | "cancelled">;

const BUILD = "number,building,result,queueId";
const ITEM = "id,why,cancelled,executable[number]";
const PARAMETERS = "actions[parameters[name,value]]";

/** The server as one attempt reaches it, and the job there. */
interface Server {
  get: (path: readonly string[], tree: string) => ReturnType<Target["ask"]>;
  post: (path: readonly string[], form?: Record<string, string>) => ReturnType<Target["ask"]>;
  job: string;
  url: string;
}

/** Needs `JENKINS_URL`, `JENKINS_TOKEN` (`user:token`, of a user that may read and build the job) and the job's path. */
export function jenkins<Params>({ settings = "JENKINS", job, parameters }: JenkinsSpec<Params>): Connector<Params> {
  const token = `${settings}_TOKEN`;
  const at = target(settings, { token: "required", authorize: (value) => ({ Authorization: `Basic ${btoa(value)}` }) });
  const serverOf = (given: Given<Params>, path: string): Server => ({
    get: (rest, tree) => at.ask(given, { method: "GET", path: [...rest, "api", "json"], query: { tree } }),
    // A crumb is asked of sessions only: a request with an API token needs none.
    post: (rest, form) => at.ask(given, { method: "POST", path: rest, ...(form && { form }) }),
    job: path,
    url: (given.settings[`${settings}_URL`] ?? "").replace(/\/$/, ""),
  });
  return {
    name: `Jenkins (${job})`,
    settings: [...at.settings, { name: job, kind: "text", required: true }],
    lacks: ({ [token]: value = "" }) =>
      /^[^:]+:./.test(value) ? null : `${token} must be the user's name, a colon and an API token`,
    repeatable: true,
    start: async (given) => {
      const path = (given.settings[job] ?? "").split("/").filter((name) => name !== "");
      const wanted: Record<string, string> = {};
      for (const [name, value] of Object.entries(parameters?.(given) ?? {}))
        if (value !== undefined) wanted[name] = value;
      return start(serverOf(given, path.join("/")), wanted, given);
    },
    look: async (handle, given) => {
      const [, path = "", sign, number = ""] = /^(.*)([#@])(\d+)$/.exec(handle) ?? [];
      return (sign === "#" ? lookAtBuild : lookAtItem)(serverOf(given, path), number);
    },
  };
}

type Attempted = Pick<Given<unknown>, "run_id" | "planned_at" | "may_have_acted">;
type Wanted = Readonly<Record<string, string>>;

async function start(server: Server, wanted: Wanted, given: Attempted): Promise<Outcome> {
  const { may_have_acted } = given;
  const mark = markOf(given);
  const known = may_have_acted ? await find(server, mark) : null;
  if (known !== null) return known;
  const tree = "buildable,property[parameterDefinitions[name,choices]]";
  const read = may_have_acted ? readLook : readBefore;
  const asked = read(await server.get(pathOf(server.job), tree), Job);
  if (!asked.ok) return asked.outcome;
  const definitions = asked.value.property.flatMap((property) => property?.parameterDefinitions ?? []);
  const declared = new Map(definitions.map(({ name, choices }) => [name, choices]));
  const is_marked = declared.has(MARK);
  if (may_have_acted && !is_marked)
    return unclear(`a build may have been started, and the job has no parameter ${MARK} to find it by: look there`);
  const refusal = asked.value.buildable ? refusalOf(declared, wanted) : "it is disabled, or no job but a folder";
  if (refusal !== null) return { kind: "failed", reason: `${server.job} was not built: ${refusal}` };
  const form = { ...wanted, ...(is_marked && { [MARK]: mark }) };
  return build(server, declared.size > 0 ? ["buildWithParameters", form] : ["build"]);
}

async function build(server: Server, [way, form]: [way: string, form?: Record<string, string>]): Promise<Outcome> {
  const answer = await server.post([...pathOf(server.job), way], form);
  const not_done = notDone(answer);
  if (not_done !== null) return not_done;
  // Jenkins names itself as it believes to be called: of the address only the item's number is taken.
  const location = answer.kind === "answered" ? answer.headers.get("Location") : null;
  const [, id] = /\/queue\/item\/(\d+)\/?$/.exec(location ?? "") ?? [];
  return id === undefined
    ? unclear("Jenkins took the build, but did not say where it is in the queue")
    : queued(server, { id: Number(id) });
}

/** Why the job would not be built as it is wished; null where it would. */
function refusalOf(declared: ReadonlyMap<string, readonly string[] | null | undefined>, wanted: Wanted): string | null {
  for (const [name, value] of Object.entries(wanted)) {
    if (!declared.has(name)) return `it has no parameter ${name}, and Jenkins would build it without`;
    if (declared.get(name)?.includes(value) === false)
      return `${JSON.stringify(value.slice(0, 100))} is none of the choices of ${name}`;
  }
  return null;
}

/** What an earlier attempt started, as it is now; null where there is nothing. The queue first: items go from there to builds. */
async function find(server: Server, mark: string): Promise<Outcome | null> {
  const is_own = ({ actions }: Pick<Build, "actions">) =>
    actions.some((action) => action?.parameters?.some(({ name, value }) => name === MARK && value === mark));
  const queue = readLook(await server.get(["queue"], `items[${ITEM},${PARAMETERS}]`), Queue);
  if (!queue.ok) return queue.outcome;
  const item = queue.value.items.find(is_own);
  return item === undefined ? findBuild(server, is_own) : queued(server, item);
}

async function findBuild(server: Server, is_own: (build: Build) => boolean): Promise<Outcome | null> {
  const tree = `builds[${BUILD},${PARAMETERS}]{0,${MOST_BUILDS}}`;
  const seen = readLook(await server.get(pathOf(server.job), tree), Builds);
  if (!seen.ok) return seen.outcome;
  const known = seen.value.builds.find(is_own);
  return known === undefined ? null : built(server, known);
}

async function lookAtItem(server: Server, id: string): Promise<Outcome> {
  const answer = await server.get(["queue", "item", id], ITEM);
  // Jenkins forgets an item some minutes after it has left the queue; its build remembers it.
  if (answer.kind === "answered" && answer.status === 404) {
    const known = await findBuild(server, ({ queueId }) => queueId === Number(id));
    return known ?? unclear(`Jenkins no longer knows queue item ${id}, nor a build that came of it: look there`);
  }
  const seen = readLook(answer, Item);
  if (!seen.ok) return seen.outcome;
  const { executable } = seen.value;
  return executable ? lookAtBuild(server, String(executable.number)) : queued(server, seen.value);
}

async function lookAtBuild(server: Server, number: string): Promise<Outcome> {
  const seen = readLook(await server.get([...pathOf(server.job), number], BUILD), Build);
  return seen.ok ? built(server, seen.value) : seen.outcome;
}

function queued(server: Server, { id, why, cancelled }: Item): Outcome {
  const links = [linkTo(server)];
  const words = `queue item ${id} of ${server.job}`;
  if (cancelled) return { kind: "failed", reason: `${words} was cancelled before it was built`, links };
  return { kind: "waiting", handle: `${server.job}@${id}`, summary: `${words} waits${why ? ` (${why})` : ""}`, links };
}

function built(server: Server, { number, building, result }: Build): Outcome {
  const links = [linkTo(server, number)];
  const words = `build ${number} of ${server.job}`;
  if (building || !result)
    return { kind: "waiting", handle: `${server.job}#${number}`, summary: `${words} is running`, links };
  if (result === "SUCCESS") return { kind: "succeeded", summary: `${words} succeeded`, links };
  return { kind: "failed", reason: `${words} ended: ${result}`, links };
}

const unclear = (reason: string): Outcome => ({ kind: "unclear", reason });

/** `team/restart-host` is /job/team/job/restart-host. */
const pathOf = (job: string) => job.split("/").flatMap((name) => ["job", name]);
const linkTo = ({ url, job }: Server, ...rest: readonly number[]) =>
  [url, ...pathOf(job).map(encodeURIComponent), ...rest, ""].join("/");
