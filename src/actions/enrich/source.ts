// A source: a system that is asked what it knows of an incident, and changed in nothing. Enrichment (enrich.ts) asks
// several at once; a source answers with a finding, and a failed one is a finding too.
import * as z from "zod";
import type { ConnectorSetting } from "../../config.ts";
import type { Values } from "../../domain/run.ts";
import { wordsOf } from "../../domain/thrown.ts";
import type { Answer } from "../../runs/http.ts";
import { hiding } from "../../secret.ts";
import { readStart } from "../answer.ts";
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
  read: (given: Given<Params>) => Promise<Finding>;
}

/** One of the things that a source is asked. */
export interface Question {
  /** As people call it, and as its value is called: "CPU". */
  name: string;
  ask: () => Promise<Finding>;
}

/** Shorter settings are no secrets, and parts of many words. */
const SHORTEST_SECRET = 8;

/** Never throws: what was thrown is a failure, and names none of the settings' values that may be secret. */
export async function safely(ask: () => Promise<Finding>, settings: Given<unknown>["settings"]): Promise<Finding> {
  try {
    return await ask();
  } catch (error) {
    const secrets = Object.values(settings).filter(({ length }) => length >= SHORTEST_SECRET);
    return { kind: "failed", reason: `could not be asked: ${wordsOf(error, hiding(secrets))}`, again: false };
  }
}

/** Asks everything at once. A question that fails becomes a line, and spoils none of the others. */
export async function askAll(questions: readonly Question[], settings: Given<unknown>["settings"]): Promise<Finding> {
  const asking = questions.map(async ({ name, ask }) => ({ name, finding: await safely(ask, settings) }));
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
  const reading = readStart(answer, schema);
  if (reading.ok) return { ok: true, value: reading.value };
  const { outcome } = reading;
  const reason = "reason" in outcome ? outcome.reason.replace(/^the target /, "") : outcome.kind;
  const after_ms = outcome.kind === "later" ? outcome.after_ms : undefined;
  const again = outcome.kind !== "failed";
  return { ok: false, finding: { kind: "failed", reason: `${reason}${said(answer)}`, again, after_ms } };
}

/** How Jaeger says what is wrong, in its two APIs. */
const Wrong = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ errors: z.tuple([z.object({ msg: z.string() })], z.unknown()) }).transform(({ errors }) => errors[0].msg),
]);

/** What is said of an error beside what answer.ts reads: in those ways, or as a plain text, as Loki and Tempo do. */
function said(answer: Answer): string {
  if (answer.kind !== "answered" || answer.status < 400) return "";
  const text = answer.text.trim();
  if (!/^[{[]/.test(text)) return text === "" || text.startsWith("<") ? "" : ` (${text.slice(0, 200)})`;
  try {
    const wrong = Wrong.safeParse(JSON.parse(text));
    return wrong.success ? ` (${wrong.data.slice(0, 200)})` : "";
  } catch {
    return "";
  }
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
