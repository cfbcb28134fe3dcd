// What Jenkins makes of a start: an item in the queue, and then a build. Finds those of an earlier attempt, and follows them.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { readLook } from "../answer.ts";
import type { Target } from "../target.ts";

/** Names the run to a job that declares such a parameter, so that a build whose start was not answered is found again. */
export const MARK = "FLASHDUTY_RUN";
/** Builds of the job, the newest first, among which a build is looked for. */
const MOST_BUILDS = 50;

/** Actions of many kinds; parameters are in one of them, and those that are secret come without a value. */
const Actions = z
  .array(
    z
      .object({ parameters: z.array(z.object({ name: z.string(), value: z.unknown().optional() })).nullish() })
      .nullish(),
  )
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

/** The API as one attempt reaches it, and the job there. */
export interface Api {
  get: (path: readonly string[], tree: string) => ReturnType<Target["ask"]>;
  post: (path: readonly string[], form?: Record<string, string>) => ReturnType<Target["ask"]>;
  job: string;
  /** The address of a page there. */
  page: (...segments: readonly string[]) => string;
}

/** What an earlier attempt started, as it is now; null where there is nothing. The queue first: items go from there to builds. */
export async function find(api: Api, mark: string): Promise<Outcome | null> {
  const is_own = ({ actions }: Pick<Build, "actions">) =>
    actions.some((action) => action?.parameters?.some(({ name, value }) => name === MARK && value === mark));
  const queue = readLook(await api.get(["queue"], `items[${ITEM},${PARAMETERS}]`), Queue);
  if (!queue.ok) return queue.outcome;
  const item = queue.value.items.find(is_own);
  return item === undefined ? findBuild(api, is_own) : queued(api, item);
}

async function findBuild(api: Api, is_own: (build: Build) => boolean): Promise<Outcome | null> {
  const tree = `builds[${BUILD},${PARAMETERS}]{0,${MOST_BUILDS}}`;
  const seen = readLook(await api.get(pathOf(api.job), tree), Builds);
  if (!seen.ok) return seen.outcome;
  const known = seen.value.builds.find(is_own);
  return known === undefined ? null : built(api, known);
}

/** Looks at an item of the queue, or at the build that came of it. */
export async function lookAtItem(api: Api, id: string): Promise<Outcome> {
  const answer = await api.get(["queue", "item", id], ITEM);
  // Jenkins forgets an item some minutes after it has left the queue; its build remembers it.
  if (answer.kind === "answered" && answer.status === 404) {
    const known = await findBuild(api, ({ queueId }) => queueId === Number(id));
    return known ?? unclear(`Jenkins no longer knows queue item ${id}, nor a build that came of it: look there`);
  }
  const seen = readLook(answer, Item);
  if (!seen.ok) return seen.outcome;
  const { executable } = seen.value;
  return executable ? lookAtBuild(api, String(executable.number)) : queued(api, seen.value);
}

/** Looks at a build of the job. */
export async function lookAtBuild(api: Api, number: string): Promise<Outcome> {
  const seen = readLook(await api.get([...pathOf(api.job), number], BUILD), Build);
  return seen.ok ? built(api, seen.value) : seen.outcome;
}

/** What an item of the queue comes to as it stands. */
export function queued(api: Api, { id, why, cancelled }: Item): Outcome {
  const links = [linkTo(api)];
  const words = `queue item ${id} of ${api.job}`;
  if (cancelled) return { kind: "failed", reason: `${words} was cancelled before it was built`, links };
  return { kind: "waiting", handle: `${api.job}@${id}`, summary: `${words} waits${why ? ` (${why})` : ""}`, links };
}

function built(api: Api, { number, building, result }: Build): Outcome {
  const links = [linkTo(api, number)];
  const words = `build ${number} of ${api.job}`;
  if (building || !result)
    return { kind: "waiting", handle: `${api.job}#${number}`, summary: `${words} is running`, links };
  if (result === "SUCCESS") return { kind: "succeeded", summary: `${words} succeeded`, links };
  return { kind: "failed", reason: `${words} ended: ${result}`, links };
}

/** What became of it is not known, and this is why. */
export const unclear = (reason: string): Outcome => ({ kind: "unclear", reason });

/** `team/restart-host` is /job/team/job/restart-host. */
export const pathOf = (job: string) => job.split("/").flatMap((name) => ["job", name]);
const linkTo = ({ page, job }: Api, ...rest: readonly number[]) => page(...pathOf(job), ...rest.map(String));
