// Jenkins: builds a job with parameters, and follows its item in the queue, then the build, to the end. Jenkins ignores
// parameters that the job does not declare, and builds all the same: so the job is asked first. The contract:
// https://www.jenkins.io/doc/book/using/remote-access-api/ , and core/src/main/java/hudson/model in github.com/jenkinsci/jenkins.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { notDone, readBefore } from "../answer.ts";
import type { Attempt, Connector, Given } from "../connector.ts";
import { markOf, notYet } from "../mark.ts";
import { target } from "../target.ts";
import { type Api, find, lookAtBuild, lookAtItem, MARK, pathOf, queued, unclear } from "./jenkins-build.ts";

interface JenkinsSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the job's path: `team/restart-host`. */
  job: string;
  /** The job's parameters, by name. */
  parameters?: (given: Given<Params>) => Readonly<Record<string, string | undefined>>;
}

const Definition = z.object({ name: z.string(), choices: z.array(z.string()).nullish() });
const Job = z.object({
  /** A folder says nothing of it. */
  buildable: z.boolean().default(false),
  property: z.array(z.object({ parameterDefinitions: z.array(Definition).nullish() }).nullish()).default([]),
});

/** Needs `JENKINS_URL`, `JENKINS_TOKEN` (`user:token`, of a user that may read and build the job) and the job's path. */
export function jenkins<Params>({ settings = "JENKINS", job, parameters }: JenkinsSpec<Params>): Connector<Params> {
  const token = `${settings}_TOKEN`;
  const server = target(settings, {
    token: "required",
    authorize: (value) => ({ Authorization: `Basic ${btoa(value)}` }),
  });
  const apiOf = (given: Given<Params>, path: string): Api => ({
    get: (rest, tree) => server.ask(given, { method: "GET", path: [...rest, "api", "json"], query: { tree } }),
    // A crumb is asked of sessions only: a request with an API token needs none.
    post: (rest, form) => server.ask(given, { method: "POST", path: rest, ...(form && { form }) }),
    job: path,
    page: (...segments) => `${server.page(given, ...segments)}/`,
  });
  return {
    name: `Jenkins (${settings}, ${job})`,
    settings: [...server.settings, { name: job, kind: "text", required: true }],
    lacks: ({ [token]: value = "" }) =>
      /^[^:]+:./.test(value) ? null : `${token} must be the user's name, a colon and an API token`,
    repeatable: true,
    start: async (given) => {
      const path = (given.settings[job] ?? "").split("/").filter((name) => name !== "");
      const wanted: Record<string, string> = {};
      for (const [name, value] of Object.entries(parameters?.(given) ?? {}))
        if (value !== undefined) wanted[name] = value;
      return start(apiOf(given, path.join("/")), wanted, given);
    },
    look: async (handle, given) => {
      const [, path = "", sign, number = ""] = /^(.*)([#@])(\d+)$/.exec(handle) ?? [];
      return (sign === "#" ? lookAtBuild : lookAtItem)(apiOf(given, path), number);
    },
  };
}

type Wanted = Readonly<Record<string, string>>;

async function start(api: Api, wanted: Wanted, given: Attempt): Promise<Outcome> {
  const { may_have_acted } = given;
  const mark = markOf(given);
  const known = may_have_acted ? ((await find(api, mark)) ?? notYet(given)) : null;
  if (known !== null) return known;
  const tree = "buildable,property[parameterDefinitions[name,choices]]";
  const asked = readBefore(await api.get(pathOf(api.job), tree), Job, may_have_acted);
  if (!asked.ok) return asked.outcome;
  const definitions = asked.value.property.flatMap((property) => property?.parameterDefinitions ?? []);
  const declared = new Map(definitions.map(({ name, choices }) => [name, choices]));
  const is_marked = declared.has(MARK);
  if (may_have_acted && !is_marked)
    return unclear(`a build may have been started, and the job has no parameter ${MARK} to find it by: look there`);
  const refusal = asked.value.buildable ? refusalOf(declared, wanted) : "it is disabled, or no job but a folder";
  if (refusal !== null) return { kind: "failed", reason: `${api.job} was not built: ${refusal}` };
  const form = { ...wanted, ...(is_marked && { [MARK]: mark }) };
  return build(api, declared.size > 0 ? ["buildWithParameters", form] : ["build"]);
}

async function build(api: Api, [way, form]: [way: string, form?: Record<string, string>]): Promise<Outcome> {
  const answer = await api.post([...pathOf(api.job), way], form);
  const not_done = notDone(answer);
  if (not_done !== null) return not_done;
  // Jenkins names itself as it believes to be called: of the address only the item's number is taken.
  const location = answer.kind === "answered" ? answer.headers.get("Location") : null;
  const [, id] = /\/queue\/item\/(\d+)\/?$/.exec(location ?? "") ?? [];
  return id === undefined
    ? unclear("Jenkins took the build, but did not say where it is in the queue")
    : queued(api, { id: Number(id) });
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
