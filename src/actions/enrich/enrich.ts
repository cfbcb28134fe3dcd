// Enrichment: what other systems know of an incident, told in the incident. All sources are asked at once; one that
// fails or is slow is named, and spoils nothing.
import type { ConnectorSetting } from "../../config.ts";
import type { Outcome } from "../../domain/run.ts";
import { within } from "../../deadline.ts";
import type { Connector, Given } from "../connector.ts";
import { layOut, type Section } from "./sections.ts";
import { type Finding, nothingOf, safely, type Source } from "./source.ts";

/** Characters of the text: a report has 1,024, and tells more than this. */
const ROOM = 600;
/** How long a source has: an attempt has 10 s, and what the others found is to be told within it. */
const WITHIN_MS = 6_000;

type Settings = Given<unknown>["settings"];

/**
 * Asks the sources that are set up: one is enough, and those of which nothing is set are left out. `within_ms`: how long each
 * of them has, less than the action's own limit. Throws where two have one name.
 */
export function enrich<Params>(
  sources: readonly Source<Params>[],
  { within_ms = WITHIN_MS }: { within_ms?: number } = {},
): Connector<Params> {
  const names = new Set(sources.map(({ name }) => name));
  if (names.size < sources.length) throw new Error("two sources of an enrichment have one name");
  return {
    name: "enrichment",
    settings: optional(sources),
    repeatable: true, // it only reads
    lacks: (settings) =>
      sources.some((source) => missing(source, settings).length === 0) ? null : lack(sources, settings),
    start: async (given) => {
      const half = sources.filter(
        (source) => isBegun(source, given.settings) && missing(source, given.settings).length > 0,
      );
      const asking = sources
        .filter((source) => missing(source, given.settings).length === 0)
        .map(async (source) => ({ name: source.name, finding: await readIn(within_ms, source, given) }));
      const begun = half.map(({ name, settings }) => ({ name, lines: [lackOf({ name, settings }, given.settings)] }));
      return outcomeOf(await Promise.all(asking), begun);
    },
  };
}

/** Each once, and none of them required: which are needed depends on what else is set. */
function optional(sources: readonly Source<never>[]): ConnectorSetting[] {
  const by_name = Map.groupBy(
    sources.flatMap(({ settings }) => settings),
    ({ name }) => name,
  );
  return [...by_name.values()].flatMap(([setting]) => (setting === undefined ? [] : [{ ...setting, required: false }]));
}

type Needing = Pick<Source<never>, "name" | "settings">;

function missing({ settings }: Needing, values: Settings): ConnectorSetting[] {
  return settings.filter(({ name, required }) => required && values[name] === undefined);
}

function isBegun({ settings }: Needing, values: Settings): boolean {
  return settings.some((setting) => values[setting.name] !== undefined && setting.default === undefined);
}

/** What is to be set so that there is something to ask: of what was begun with, or of any. */
function lack(sources: readonly Needing[], values: Settings): string {
  const begun = sources.filter((source) => isBegun(source, values));
  const lacking = (begun.length > 0 ? begun : sources).map((source) => `${source.name}: ${lackOf(source, values)}`);
  return `no source of the enrichment is set up; one is enough. ${lacking.join("; ")}`;
}

function lackOf(source: Needing, values: Settings): string {
  return missing(source, values)
    .map(({ name, kind }) =>
      kind === "secret" || kind === "secret_url"
        ? `${name} is missing, set it with: wrangler secret put ${name}`
        : `${name} is missing, set it under [vars] in wrangler.toml`,
    )
    .join("; ");
}

async function readIn<Params>(ms: number, source: Source<Params>, given: Given<Params>): Promise<Finding> {
  const late: Finding = { kind: "failed", reason: "did not answer in time", again: true };
  const reading = safely(async () => source.read(given), given.settings);
  return within(ms, source.name, reading).catch(() => late);
}

function outcomeOf(answers: readonly { name: string; finding: Finding }[], begun: readonly Section[]): Outcome {
  const found = answers.flatMap(({ finding }) => (finding.kind === "found" ? [finding] : []));
  if (found.length === 0) {
    const nothing = nothingOf(answers);
    if (nothing.kind === "not_asked")
      return { kind: "skipped", reason: "the incident has nothing that the sources could be asked about" };
    const { reason, again, after_ms } = nothing;
    return again ? { kind: "later", reason, after_ms } : { kind: "failed", reason };
  }
  const sections = answers.map(({ name, finding }) => ({ name, lines: linesOf(finding) }));
  return {
    kind: "succeeded",
    summary: layOut([...sections, ...begun], ROOM) || "nothing was found",
    values: Object.fromEntries(found.flatMap(({ values = {} }) => Object.entries(values))),
    links: inTurn(found.map(({ links = [] }) => links)),
  };
}

function linesOf(finding: Finding): readonly string[] {
  if (finding.kind === "failed") return [finding.reason];
  return finding.kind === "found" ? finding.lines : [];
}

/** The first of each, then the second of each …: only some are kept. */
function inTurn(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list[place] ?? [])).flat();
}
