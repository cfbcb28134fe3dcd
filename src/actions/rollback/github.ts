// GitHub Actions: dispatches a workflow, and follows its run to the end.
// https://docs.github.com/en/rest/actions/workflows ("Create a workflow dispatch event"), …/rest/actions/workflow-runs .
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { type Reading, readLook, readStart } from "../answer.ts";
import { ifItComes, nameOf } from "./change.ts";
import type { Connector, Given } from "../connector.ts";
import { type Repository, repositoryIn, WORKFLOW } from "./github-repository.ts";
import { markOf } from "../mark.ts";
import { findOnce, findStarted, sinceOf } from "./started.ts";
import { type Asking, target } from "../target.ts";

interface GithubSpec<Params> {
  /** The settings' prefix. */
  settings?: string;
  /** The name of the setting that holds the workflow: `owner/repo/file.yml`, and `@ref` where it does not run on `main`. */
  workflow: string;
  /** The workflow's inputs, by name. `run_id` is added, and the workflow must have it as an input. */
  inputs?: (given: Given<Params>) => Readonly<Record<string, string | undefined>>;
  /** The branch or tag on which it runs, whatever the setting says. */
  ref?: string;
  /** The environment whose newest deployment is the latest change; without it, that is the newest commit of the ref. */
  environment?: string;
}

/** A run is listed some seconds after it was dispatched; one that is not there by then has another name. */
const LISTED_WITHIN_MS = 2 * 60_000;

const Dispatched = z.object({ workflow_run_id: z.int(), html_url: z.string() });
const Commit = z.object({
  id: z.string(),
  message: z.string(),
  timestamp: z.string(),
  author: z.object({ name: z.string() }).nullish(),
});
const WorkflowRun = z
  .object({
    id: z.int(),
    name: z.string().nullish(),
    display_title: z.string().default(""),
    status: z.string().nullable(),
    conclusion: z.string().nullish(),
    html_url: z.string(),
    created_at: z.string(),
    head_branch: z.string().nullish(),
    head_commit: Commit.nullish().catch(null),
  })
  .transform((run) => ({ ...run, name: `${run.name ?? ""} ${run.display_title}` }));
type WorkflowRun = z.output<typeof WorkflowRun>;
const Runs = z.object({ workflow_runs: z.array(WorkflowRun) }).transform(({ workflow_runs }) => workflow_runs);
const Deployment = z.object({
  sha: z.string(),
  created_at: z.string(),
  creator: z.object({ login: z.string() }).nullish(),
});
type Deployment = z.output<typeof Deployment>;

/**
 * Needs `GITHUB_TOKEN` (that may read and write the actions of this one repository) and the workflow. `GITHUB_URL` is for an
 * Enterprise Server: `https://<host>/api/v3`.
 */
export function github<Params>(spec: GithubSpec<Params>): Connector<Params> {
  const { settings = "GITHUB", workflow, environment } = spec;
  const server = target(settings, { url: "https://api.github.com", token: "required" });
  const repositoryOf = (given: Given<Params>): Repository =>
    repositoryIn(server, given, { workflow: given.settings[workflow] ?? "", ref: spec.ref, environment });
  return {
    name: `GitHub Actions (${settings}, ${workflow})`,
    settings: [...server.settings, { name: workflow, kind: "text", required: true }],
    lacks: ({ [workflow]: value = "" }) =>
      WORKFLOW.test(value) ? null : `${workflow} must be "owner/repo/file.yml", or "owner/repo/file.yml@branch"`,
    repeatable: true,
    start: async (given) => {
      const repository = repositoryOf(given);
      const mark = markOf(given);
      if (given.may_have_acted) {
        const found = await findStarted(async () => runsSince(sinceOf(given), repository), mark, given);
        if (found !== null) return found.ok ? follow(found.job, repository) : found.outcome;
      }
      return dispatch({ ...spec.inputs?.(given), run_id: mark }, repository);
    },
    look: async (handle, given) => {
      const repository = repositoryOf(given);
      const [, dispatched_at] = /^dispatched:(\d+)$/.exec(handle) ?? [];
      if (dispatched_at !== undefined)
        return findDispatched(Number(dispatched_at), markOf(given), sinceOf(given), repository);
      const seen = readLook(await repository.ask("GET", ["actions", "runs", handle]), WorkflowRun);
      return seen.ok ? follow(seen.value, repository) : seen.outcome;
    },
  };
}

/** Servers up to Enterprise Server 3.20 do not know `return_run_details`, and refuse what they do not know. */
async function dispatch(inputs: Asking["json"], repository: Repository, is_told = true): Promise<Outcome> {
  const { ask, file, ref } = repository;
  const json = { ref, inputs, return_run_details: is_told ? true : undefined };
  const answer = await ask("POST", ["actions", "workflows", file, "dispatches"], { json });
  const is_refused = answer.kind === "answered" && [400, 422].includes(answer.status);
  if (is_told && is_refused && answer.text.includes("return_run_details")) return dispatch(inputs, repository, false);
  const summary = `${file} was dispatched on ${ref}`;
  if (answer.kind === "answered" && answer.status === 204)
    return { kind: "waiting", handle: `dispatched:${Date.now()}`, summary: `${summary}; its run is not listed yet` };
  const started = readStart(answer, Dispatched);
  if (!started.ok) return started.outcome;
  const { workflow_run_id: id, html_url } = started.value;
  return { kind: "waiting", handle: String(id), summary: `${summary}: run ${id}`, links: [html_url] };
}

/** The run of a dispatch that did not tell it. */
async function findDispatched(at: number, mark: string, since: string, repository: Repository): Promise<Outcome> {
  const found = await findOnce(async () => runsSince(since, repository), mark);
  if (found?.ok) return follow(found.job, repository);
  const summary = `${repository.file} was dispatched on ${repository.ref}; its run is not listed yet`;
  if (Date.now() - at < LISTED_WITHIN_MS) return { kind: "waiting", handle: `dispatched:${at}`, summary };
  const reason = `${repository.file} was dispatched, but no run of it has inputs.run_id in its name (run-name); look at its runs`;
  return found?.outcome ?? { kind: "unclear", reason };
}

async function runsSince(since: string, { ask, file }: Repository): Promise<Reading<WorkflowRun[]>> {
  const query = { event: "workflow_dispatch", created: `>=${since}`, per_page: 100 };
  return readLook(await ask("GET", ["actions", "workflows", file, "runs"], { query }), Runs);
}

const hints: Record<string, string> = {
  action_required: ", and needs a person in GitHub",
  skipped: ", none of its jobs has run",
  startup_failure: ", the workflow's file is wrong",
};

async function follow(run: WorkflowRun, repository: Repository): Promise<Outcome> {
  const { id, status, conclusion } = run;
  if (status !== "completed") {
    const why = status === "waiting" ? " for an approval, or for the timer of its environment" : "";
    const summary = `run ${id} is ${status ?? "about to begin"}${why}`;
    return { kind: "waiting", handle: String(id), summary, links: [run.html_url] };
  }
  const { words, sha } = await latestChange(run, repository);
  const commit = run.html_url.replace(/\/actions\/runs\/.*$/, `/commit/${sha}`);
  const links = sha === null ? [run.html_url] : [run.html_url, commit];
  if (conclusion === "success") return { kind: "succeeded", summary: `run ${id} succeeded${words}`, links };
  const hint = hints[conclusion ?? ""] ?? "";
  return { kind: "failed", reason: `run ${id} ended: ${conclusion ?? "without a word"}${hint}${words}`, links };
}

/** The change that was the latest when the run began. Not to know it spoils nothing. */
async function latestChange(run: WorkflowRun, repository: Repository): Promise<{ words: string; sha: string | null }> {
  const deployed = await deployedBefore(run, repository);
  if (deployed !== undefined) {
    const name = nameOf({ revision: deployed.sha, by: deployed.creator?.login, at: deployed.created_at });
    return { words: `. The latest deployment to ${repository.environment} before it: ${name}`, sha: deployed.sha };
  }
  const commit = run.head_commit ?? null;
  if (commit === null) return { words: "", sha: null };
  const name = nameOf({ revision: commit.id, message: commit.message, by: commit.author?.name, at: commit.timestamp });
  return { words: `. The latest change on ${run.head_branch ?? "its branch"}: ${name}`, sha: commit.id };
}

/** The rollback may have deployed something itself since. */
async function deployedBefore(
  { created_at }: WorkflowRun,
  { ask, environment }: Repository,
): Promise<Deployment | undefined> {
  if (environment === undefined) return undefined;
  const answer = await ifItComes(ask("GET", ["deployments"], { query: { environment, per_page: 10 } }));
  const read = answer === null ? null : readLook(answer, z.array(Deployment));
  const before = read?.ok ? read.value.filter((one) => one.created_at < created_at) : [];
  return before.toSorted((one, other) => (one.created_at < other.created_at ? 1 : -1))[0];
}
