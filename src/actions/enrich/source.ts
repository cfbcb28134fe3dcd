// A source: a system that is asked what it knows of an incident, and changed in nothing. Enrichment (enrich.ts) asks
// several at once; a source answers with a finding, and a failed one is a finding too.
import type * as z from "zod";
import type { ConnectorSetting } from "../../config.ts";
import type { Values } from "../../domain/run.ts";
import { wordsOf } from "../../domain/thrown.ts";
import type { Answer } from "../../runs/http.ts";
import { readBefore, said } from "../answer.ts";
import type { Given, RawParams } from "../connector.ts";
import { type Asking, target } from "../target.ts";

export type Finding =
  /** What a person is to read, line by line; none where there is nothing of what was asked for. */
  | { kind: "found"; lines: readonly string[]; values?: Values; links?: readonly string[] }
  /** The incident has nothing that could be asked about. */
  | { kind: "not_asked" }
  | Failure;

/** `again`: it may be otherwise later; after `after_ms`, where the system says so. */
type Failure = { kind: "failed"; reason: string; again: boolean; after_ms?: number | undefined };

export interface Source<Params = RawParams> {
  /** As people call it: "Prometheus". */
  name: string;
  /** What it needs. It is set up once those that are required are set. */
  settings: readonly ConnectorSetting[];
  /** The names of the values that it finds, where they are known before it is asked. */
  values?: readonly string[];
  read: (given: Given<Params>) => Promise<Finding>;
}

/** Questions about a time look at so many seconds up to now, where they do not say otherwise. */
export const OVER_S = 900;

/** Never throws: what was thrown is a failure, and quotes no secret. */
export async function safely(ask: () => Promise<Finding>, { hide }: Pick<Given<unknown>, "hide">): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    return { kind: "failed", reason: `could not be asked: ${wordsOf(error, hide)}`, again: false };
  }
}

/** Asks all the questions at once. One that fails becomes a line, and spoils none of the others. */
export async function askAll<Params, Question extends { name: string }>(
  questions: readonly Question[],
  ask: (question: Question, given: Given<Params>) => Promise<Finding>,
  given: Given<Params>,
): Promise<Finding> {
  const asking = questions.map(async (one) => ({
    name: one.name,
    finding: await safely(async () => ask(one, given), given),
  }));
  const answers = await Promise.all(asking);
  const found = answers.flatMap(({ finding }) => (finding.kind === "found" ? [finding] : []));
  if (found.length === 0) return nothingOf(answers);
  const lines = answers.flatMap(({ name, finding }) => {
    if (finding.kind === "failed") return [`${name}: ${finding.reason}`];
    return finding.kind === "found" ? finding.lines : [];
  });
  const empty = answers.flatMap(({ name, finding }) =>
    finding.kind === "found" && finding.lines.length === 0 ? [name] : [],
  );
  return {
    kind: "found",
    lines: empty.length === 0 ? lines : [...lines, `nothing found: ${empty.join(", ")}`],
    values: Object.fromEntries(found.flatMap(({ values = {} }) => Object.entries(values))),
    links: found.flatMap(({ links = [] }) => links),
  };
}

/** What several come to where none of them has found anything: not asked, or a failure that names each reason once. */
export function nothingOf(answers: readonly { name: string; finding: Finding }[]): Failure | { kind: "not_asked" } {
  const failed = answers.flatMap(({ name, finding }) => (finding.kind === "failed" ? [{ name, ...finding }] : []));
  if (failed.length === 0) return { kind: "not_asked" };
  const reasons = Map.groupBy(failed, ({ reason }) => reason);
  const named = [...reasons].map(([reason, all]) => `${all.map(({ name }) => name).join(", ")}: ${reason}`);
  const waits = failed.flatMap(({ after_ms }) => after_ms ?? []);
  return {
    kind: "failed",
    reason: named.join("; "),
    again: failed.some(({ again }) => again),
    after_ms: waits.length === 0 ? undefined : Math.max(...waits),
  };
}

/** What was read, or the failure that the source returns instead. */
type Reading<T> = { ok: true; value: T } | { ok: false; finding: Failure };

/** Reads what a system answered to a question. */
export function readAnswer<T>(answer: Answer, schema: z.ZodType<T>): Reading<T> {
  const reading = readBefore(answer, schema);
  if (reading.ok) return { ok: true, value: reading.value };
  const { outcome } = reading;
  const reason = "reason" in outcome ? outcome.reason : outcome.kind;
  const after_ms = outcome.kind === "later" ? outcome.after_ms : undefined;
  const again = outcome.kind !== "failed";
  // A refusal has been quoted already.
  const words = again && answer.kind === "answered" && answer.status >= 400 ? said(answer.text) : "";
  return { ok: false, finding: { kind: "failed", reason: `${reason}${words}`, again, after_ms } };
}

/** A system that is only read. */
export interface Reader {
  settings: readonly ConnectorSetting[];
  get: (given: Given<unknown>, asking: Pick<Asking, "path" | "query">) => Promise<Answer>;
}

/** The settings are the target's, with an optional credential: a token, or `user:password`. `tenant` adds `<PREFIX>_TENANT`. */
export function reader(prefix: string, { tenant = false, authorize = basicOrBearer } = {}): Reader {
  const system = target(prefix, { token: "optional", authorize });
  const setting = `${prefix}_TENANT`;
  return {
    settings: [...system.settings, ...(tenant ? [{ name: setting, kind: "text" as const, required: false }] : [])],
    get: async (given, asking) => {
      const org = given.settings[setting];
      const headers = tenant && org !== undefined ? { "X-Scope-OrgID": org } : {};
      return system.ask(given, { method: "GET", headers, ...asking });
    },
  };
}

function basicOrBearer(token: string): Record<string, string> {
  return { Authorization: token.includes(":") ? `Basic ${btoa(token)}` : `Bearer ${token}` };
}
