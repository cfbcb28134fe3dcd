// Enrichment: what other systems know of an incident, told in the incident. All sources are asked at once; one that
// fails or is slow is named, and spoils nothing.
import { type ConnectorSetting, isBegun, missingFrom } from "../../config.ts";
import type { Outcome } from "../../domain/run.ts";
import { within } from "../../deadline.ts";
import type { Connector, Given } from "../connector.ts";
import { layOut, type Section } from "./sections.ts";
import { type Finding, nothingOf, safely, type Source } from "./source.ts";

/** Characters of the text: a report has 1,024, and tells more than this. */
const ROOM = 600;
/** How long a source has: an attempt has 10 s, and what the others found is to be told within it. */
const WITHIN_MS = 6_000;
/** What is kept of the attempt's time to tell what was found. */
const MARGIN_MS = 500;

type Settings = Given<unknown>["settings"];

/**
 * Asks the sources that are set up: one is enough, and those of which nothing is set are left out. `within_ms`: how long each
 * of them has, less than the action's own limit. Throws where two have one name, or find a value of one name.
 */
export function enrich<Params>(
  sources: readonly Source<Params>[],
  { within_ms = WITHIN_MS }: { within_ms?: number } = {},
): Connector<Params> {
  const names = new Set(sources.map(({ name }) => name));
  if (names.size < sources.length) throw new Error("two sources of an enrichment have one name");
  refuseDoubles(sources);
  return {
    name: "enrichment",
    settings: optional(sources),
    repeatable: true, // it only reads
    lacks: (settings) =>
      sources.some((source) => missingFrom(source.settings, settings).length === 0) ? null : lack(sources, settings),
    start: async (given) => {
      const left_ms = Math.min(within_ms, given.deadline_at - Date.now() - MARGIN_MS);
      const lacking = sources.map((source) => ({ source, faults: missingFrom(source.settings, given.settings) }));
      const asking = lacking
        .filter(({ faults }) => faults.length === 0)
        .map(async ({ source }) => ({ name: source.name, finding: await readIn(left_ms, source, given) }));
      const half = lacking
        .filter(({ source, faults }) => faults.length > 0 && isBegun(source.settings, given.settings))
        .map(({ source, faults }) => ({ name: source.name, lines: [faults.join("; ")] }));
      return outcomeOf(await Promise.all(asking), half);
    },
  };
}

/** Values of several sources are kept together: of two with one name the later would win, and nobody would see it. */
function refuseDoubles(sources: readonly Source<never>[]): void {
  const all = sources.flatMap(({ name, values = [] }) => values.map((value) => ({ value, name })));
  for (const [value, [one, other]] of Map.groupBy(all, (each) => each.value))
    if (one !== undefined && other !== undefined)
      throw new Error(`"${value}" is found by ${one.name} and by ${other.name}: give one of them another name`);
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

/** What is to be set so that there is something to ask: of what was begun with, or of any. */
function lack(sources: readonly Needing[], values: Settings): string {
  const begun = sources.filter(({ settings }) => isBegun(settings, values));
  const lacking = (begun.length > 0 ? begun : sources).map(
    ({ name, settings }) => `${name}: ${missingFrom(settings, values).join("; ")}`,
  );
  return `no source of the enrichment is set up; one is enough. ${lacking.join("; ")}`;
}

async function readIn<Params>(ms: number, source: Source<Params>, given: Given<Params>): Promise<Finding> {
  const late: Finding = { kind: "failed", reason: "did not answer in time", again: true };
  const reading = safely(async () => source.read(given), given);
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
