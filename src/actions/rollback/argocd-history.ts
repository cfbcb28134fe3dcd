// What an Argo CD application was and is, and what it is to go back to. Argo CD's own "previous" is the entry before the
// last one. But a second press of Sync makes a second entry of the same state, and a rollback makes an entry too: then
// that would be no change at all, or forward to what was rolled back from. So states are compared, and not places in a list.
import * as z from "zod";
import type { Outcome } from "../../domain/run.ts";
import { nameOf, shortOf } from "./change.ts";

const Time = z.string().transform((text) => Date.parse(text));
const By = z.object({ username: z.string().nullish(), automated: z.boolean().nullish() }).nullish();
const Source = z.looseObject({ repoURL: z.string() });
const Deployed = z.object({
  revision: z.string().nullish(),
  revisions: z.array(z.string()).nullish(),
  source: Source.nullish(),
  sources: z.array(Source).nullish(),
});
const Entry = Deployed.extend({
  id: z.int(),
  deployedAt: z.string(),
  deployStartedAt: z.string().nullish(),
  initiatedBy: By,
}).transform(({ id, deployedAt, deployStartedAt, initiatedBy, ...deployed }) => ({
  id,
  ...stateOf(deployed),
  began_at: Date.parse(deployStartedAt ?? deployedAt),
  deployed_at: deployedAt,
  by: initiatedBy?.automated ? "auto-sync" : initiatedBy?.username,
}));
const Operation = z.object({ sync: Deployed.extend({ dryRun: z.boolean().nullish() }).nullish() });
const OperationState = z.object({
  operation: Operation,
  phase: z.string(),
  message: z.string().nullish(),
  startedAt: Time,
  finishedAt: Time.nullish(),
  syncResult: Deployed.nullish(),
});

/** An application as its API shows it, as far as it matters here. Times are in milliseconds. */
export const Seen = z
  .object({
    metadata: z.object({ name: z.string(), namespace: z.string().nullish() }),
    spec: z.object({
      syncPolicy: z.object({ automated: z.object({ enabled: z.boolean().nullish() }).nullish() }).nullish(),
    }),
    operation: Operation.nullish(),
    status: z.object({
      history: z.array(Entry).nullish(),
      operationState: OperationState.nullish(),
      reconciledAt: Time.nullish(),
      health: z.object({ status: z.string().nullish(), message: z.string().nullish() }).nullish(),
    }),
  })
  .transform(({ metadata, spec, operation, status }) => ({
    ...metadata,
    is_auto_synced: (spec.syncPolicy?.automated ?? null) !== null && spec.syncPolicy?.automated?.enabled !== false,
    history: status.history ?? [],
    operation: newestOf(operation, status.operationState),
    reconciled_at: status.reconciledAt ?? null,
    health: status.health?.status ?? "Unknown",
    health_message: status.health?.message ?? "",
  }));
export type Seen = z.output<typeof Seen>;
type Entry = z.output<typeof Entry>;

/** From what to what; `from` is null where what is left behind never came into the history. */
export interface Step {
  from: Entry | null;
  to: Entry;
}

/** The same `state` means the same revisions of the same sources. Go writes a source that there is none of as an empty one. */
function stateOf({ revision, revisions, source, sources }: z.output<typeof Deployed>) {
  const all = revisions?.length ? revisions : [revision ?? ""];
  const from = sources?.length ? sources : [source ?? null];
  return { revision: all.map(shortOf).join(", "), state: JSON.stringify([all, from]) };
}

/** The newest operation: it stands in `operation` until it is over, and in its state from when it is taken up. */
function newestOf(
  pending: z.output<typeof Operation> | null | undefined,
  state: z.output<typeof OperationState> | null | undefined,
) {
  const sync = pending?.sync ?? state?.operation.sync ?? null;
  if (sync === null) return null;
  const is_going_on = (pending ?? null) !== null || state?.phase === "Running" || state?.phase === "Terminating";
  return {
    ...stateOf(sync),
    is_going_on,
    is_dry_run: sync.dryRun === true,
    phase: state?.phase ?? "Running",
    message: state?.message ?? "",
    began_at: state?.startedAt ?? Number.POSITIVE_INFINITY,
    finished_at: state?.finishedAt ?? null,
    applied: state?.syncResult ? stateOf(state.syncResult) : null,
  };
}

/** The rollback that began since (ms), by whomever: its doing must not be done once more, which would go one further back. */
export function goneBack({ history, operation }: Seen, since: number): Step | null {
  if (operation === null || operation.is_dry_run || operation.began_at < since) return null;
  const before = history.filter(({ began_at }) => began_at < operation.began_at);
  const from = before.at(-1);
  const to = before.findLast(({ state }) => state === operation.state);
  return from === undefined || to === undefined || from.state === to.state ? null : { from, to };
}

/** The entry that was deployed after `planned_at` (ms): it is not what the rollback was called for. */
export function deployedSince({ history }: Seen, planned_at: number): Entry | undefined {
  return history.findLast(({ began_at }) => began_at >= planned_at);
}

/** What to go back to, or why that cannot be. */
export function decide({ history, operation, is_auto_synced, name }: Seen): Step | Outcome {
  if (operation?.is_going_on)
    return {
      kind: "held",
      reason: `another operation is going on, a sync to ${operation.revision || "the newest revision"}; this waits for it, unless it is terminated in Argo CD`,
      after_ms: 15_000,
    };
  if (is_auto_synced)
    return {
      kind: "failed",
      reason: `not rolled back: Argo CD refuses it while auto-sync is on for ${name}. Revert the change in Git, or switch auto-sync off there and run this again`,
    };
  const last = history.at(-1);
  if (last === undefined) return { kind: "skipped", reason: `${name} has no history of deployments` };
  if (isLeftBy(operation, history)) return { from: null, to: last };
  const first = history.findIndex(({ state }) => state === last.state);
  const to = history[first - 1];
  if (to !== undefined) return { from: history[first] ?? null, to };
  const all =
    history.length === 1 ? "one deployment" : `${history.length} deployments, and none before of anything else`;
  return {
    kind: "skipped",
    reason: `there is nothing to go back to: the history of ${name} has ${all} (${entryName(last)})`,
  };
}

/** A sync of something new that failed half-way is in no history: what it leaves behind goes back to the last entry. */
function isLeftBy(operation: Seen["operation"], history: readonly Entry[]): boolean {
  if (operation === null || operation.is_dry_run || operation.phase === "Succeeded") return false;
  const { applied } = operation;
  return applied !== null && !history.some(({ state }) => state === applied.state);
}

/** `9c2d1e7f (history 12, alice, 2026-11-20 10:00 UTC)` */
export function entryName({ id, revision, by, deployed_at }: Entry): string {
  return nameOf({
    revision,
    by: [`history ${id}`, by ?? ""].filter((part) => part !== "").join(", "),
    at: deployed_at,
  });
}
