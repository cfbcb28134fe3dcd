// GitLab CI/CD: starts a pipeline, and follows it to the end.
// https://docs.gitlab.com/api/pipelines/ . A trigger token could start one as well, but could not look at it.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import type { Answer } from "../../runs/http.ts";
import { type Reading, readLook, readStart } from "../answer.ts";
import { ifItComes, nameOf } from "./change.ts";
import type { Connector, Given } from "../connector.ts";
import { markOf } from "../mark.ts";
import { findStarted, sinceOf } from "./started.ts";
import { type Asking, type Json, target } from "../target.ts";

interface GitlabSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the project: `group/project` or its number, and `@ref` where it does not run on `main`. */
  project: string;
  /** The pipeline's inputs, by name. `run_id` is added, and the pipeline must have it as an input. */
  inputs?: (given: Given<Params>) => Readonly<Record<string, Json>>;
  /** The pipeline's variables, by name, for servers before 18.1. Without `inputs`, `RUN_ID` is added to them. */
  variables?: (given: Given<Params>) => Readonly<Record<string, string | undefined>>;
  /** The branch or tag on which it runs, whatever the setting says. */
  ref?: string;
  /** The environment whose newest deployment is the latest change; without it, that is the commit that the pipeline runs on. */
  environment?: string;
}

const Pipeline = z
  .object({
    id: z.int(),
    status: z.string(),
    ref: z.string(),
    sha: z.string(),
    web_url: z.string(),
    created_at: z.string(),
    name: z.string().nullish(),
  })
  .transform((pipeline) => ({ ...pipeline, name: pipeline.name ?? "" }));
type Pipeline = z.output<typeof Pipeline>;
const Commit = z.object({
  title: z.string().nullish(),
  author_name: z.string().nullish(),
  created_at: z.string().nullish(),
  web_url: z.string().nullish(),
});
const Deployments = z.array(
  z.object({
    sha: z.string(),
    created_at: z.string(),
    user: z.object({ name: z.string() }).nullish(),
    deployable: z.object({ commit: Commit.nullish() }).nullish(),
  }),
);

const PROJECT = /^([^@\s]+)(?:@(\S+))?$/;

const authorize = (token: string) => ({ "PRIVATE-TOKEN": token });

/** The project as one attempt reaches it. */
interface Project {
  ask: (method: Asking["method"], path: readonly string[], more?: Partial<Asking>) => Promise<Answer>;
  ref: string;
  environment: string | undefined;
}

/** Needs `GITLAB_TOKEN` (that may create and read this project's pipelines) and the project. */
export function gitlab<Params>(spec: GitlabSpec<Params>): Connector<Params> {
  const { settings = "GITLAB", project: setting, environment } = spec;
  const server = target(settings, { url: "https://gitlab.com", token: "required", authorize });
  const projectOf = (given: Given<Params>): Project => {
    const [, name = "", ref = "main"] = PROJECT.exec(given.settings[setting] ?? "") ?? [];
    return {
      ask: async (method, rest, more) =>
        server.ask(given, { ...more, method, path: ["api", "v4", "projects", name, ...rest], takes_slashes: true }),
      ref: spec.ref ?? ref,
      environment,
    };
  };
  return {
    name: `GitLab (${settings}, ${setting})`,
    settings: [...server.settings, { name: setting, kind: "text", required: true }],
    lacks: ({ [setting]: value = "" }) =>
      PROJECT.test(value) ? null : `${setting} must be "group/project" or its number, or "group/project@branch"`,
    repeatable: true,
    start: async (given) => {
      const project = projectOf(given);
      const mark = markOf(given);
      if (given.may_have_acted) {
        const found = await findStarted(async () => pipelinesSince(sinceOf(given), project), mark, given);
        if (found !== null) return found.ok ? follow(found.job, project) : found.outcome;
      }
      const json = { ref: project.ref, ...inputOf(spec, given, mark) };
      const started = readStart(await project.ask("POST", ["pipeline"], { json }), Pipeline);
      return started.ok ? follow(started.value, project) : started.outcome;
    },
    look: async (handle, given) => {
      const project = projectOf(given);
      const seen = readLook(await project.ask("GET", ["pipelines", handle]), Pipeline);
      return seen.ok ? follow(seen.value, project) : seen.outcome;
    },
  };
}

/** Variables are sent only where there are some: a project may forbid them, and then refuses even an empty list. */
function inputOf<Params>(spec: GitlabSpec<Params>, given: Given<Params>, mark: string): { [name: string]: Json } {
  const by_variables = spec.inputs === undefined && spec.variables !== undefined;
  const all = { ...spec.variables?.(given), ...(by_variables && { RUN_ID: mark }) };
  const variables = Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
  return {
    ...(variables.length > 0 && { variables }),
    ...(!by_variables && { inputs: { ...spec.inputs?.(given), run_id: mark } }),
  };
}

async function pipelinesSince(since: string, { ask }: Project): Promise<Reading<Pipeline[]>> {
  const query = { source: "api", created_after: since, per_page: 100 };
  const listed = readLook(await ask("GET", ["pipelines"], { query }), z.array(Pipeline));
  if (!listed.ok) return listed;
  // Servers that do not know `created_after` ignore it.
  return { ...listed, value: listed.value.filter(({ created_at }) => Date.parse(created_at) >= Date.parse(since)) };
}

/** Why it was not successful, for a person to go on from. */
const ends: Record<string, string> = {
  failed: "failed",
  canceled: "was cancelled",
  skipped: "was skipped: none of its jobs has run",
  manual: "has stopped at a manual job, and goes on only when somebody starts that job in GitLab",
};

/** A pipeline that has stopped at a manual job is over for us: nobody would be told that it waits for a person. */
async function follow(pipeline: Pipeline, project: Project): Promise<Outcome> {
  const { id, status, web_url } = pipeline;
  const end = ends[status];
  if (status !== "success" && end === undefined)
    return { kind: "waiting", handle: String(id), summary: `pipeline ${id} is ${status}`, links: [web_url] };
  const { words, link } = await latestChange(pipeline, project);
  const links = [web_url, ...(link === null ? [] : [link])];
  if (end === undefined) return { kind: "succeeded", summary: `pipeline ${id} succeeded. ${words}`, links };
  return { kind: "failed", reason: `pipeline ${id} ${end}. ${words}`, links };
}

/** The change that was the latest when the pipeline began. Not to know more of it spoils nothing. */
async function latestChange(pipeline: Pipeline, project: Project): Promise<{ words: string; link: string | null }> {
  const deployed = await deployedBefore(pipeline, project);
  if (deployed !== undefined) {
    const { sha, created_at, user, deployable } = deployed;
    const commit = deployable?.commit;
    const name = nameOf({ revision: sha, message: commit?.title, by: user?.name, at: created_at });
    return {
      words: `The latest deployment to ${project.environment} before it: ${name}`,
      link: commit?.web_url ?? null,
    };
  }
  const { sha, ref } = pipeline;
  const answer = await ifItComes(project.ask("GET", ["repository", "commits", sha]));
  const read = answer === null ? null : readLook(answer, Commit);
  const { title, author_name, created_at, web_url } = read?.ok ? read.value : {};
  const name = nameOf({ revision: sha, message: title, by: author_name, at: created_at });
  return { words: `The latest change on ${ref}: ${name}`, link: web_url ?? null };
}

type Deployment = z.output<typeof Deployments>[number];

async function deployedBefore(
  { created_at }: Pipeline,
  { ask, environment }: Project,
): Promise<Deployment | undefined> {
  if (environment === undefined) return undefined;
  const newest_first = { order_by: "finished_at", sort: "desc", per_page: 1 };
  const query = { environment, status: "success", finished_before: created_at, ...newest_first };
  const answer = await ifItComes(ask("GET", ["deployments"], { query }));
  const read = answer === null ? null : readLook(answer, Deployments);
  return read?.ok ? read.value[0] : undefined;
}
