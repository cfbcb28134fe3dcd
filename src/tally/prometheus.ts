// What Prometheus scrapes, gathered from where it is kept. What does not answer in time is left out, and said so: a scrape
// that fails as a whole would hide everything else.
import { countOpen } from "../admin/index/open.ts";
import { within } from "../deadline.ts";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";
import { playbook } from "../playbook.ts";
import { size } from "../receive/quarantine.ts";
import { guardOf } from "../runs/guard-stub.ts";
import { countedFamilies, exposition, type Family, gauge } from "./exposition.ts";
import { GAUGES } from "./metric.ts";
import { readTallies } from "./read.ts";

/** All are asked at once, and a scrape is over well within the ten seconds that Prometheus waits. */
const SOURCE_WITHIN_MS = 1_000;

type Source = (typeof GAUGES.scrape_errors.labels.source)[number];
type Values = Readonly<Record<string, number>>;

const SOURCES: Readonly<Record<Source, (env: Env) => Promise<Family[]>>> = {
  tallies: async (env) =>
    countedFamilies((await readTallies(env.DB, Date.now())).totals, Object.keys(playbook.actions)),
  quarantine: async (env) => [gaugeOf("quarantine_entries", { "": await size(env.DB) })],
  index: async (env) => {
    const { incidents, runs } = await countOpen(env.DB);
    const { open_incidents, open_runs } = GAUGES;
    const byProgress = Object.fromEntries(incidents.map(({ progress, count }) => [progress, count] as const));
    const byState = Object.fromEntries(runs.map(({ state, count }) => [state, count] as const));
    return [
      gaugeOf("open_incidents", { ...marked(open_incidents.labels.progress, 0), ...byProgress }),
      gaugeOf("open_runs", { ...marked(open_runs.labels.state, 0), ...byState }),
    ];
  },
  guard: async (env) => {
    const { stops, breakers } = await guardOf(env).switches();
    const open = breakers.filter(({ opened_at }) => opened_at !== null).map(({ action }) => action);
    const stopped = stops.map(({ action }) => action || "*");
    const actions = Object.keys(playbook.actions);
    return [
      gaugeOf("breaker_open", { ...marked(actions, 0), ...marked(open, 1) }),
      gaugeOf("stopped", { ...marked(["*", ...actions], 0), ...marked(stopped, 1) }),
    ];
  },
};

/** The text of everything that is to be scraped. Never throws. */
export async function metrics(env: Env): Promise<string> {
  const errors: Record<string, number> = {};
  const asked = Object.entries(SOURCES).map(async ([source, read]) => {
    errors[source] = 0;
    try {
      return await within(SOURCE_WITHIN_MS, source, read(env));
    } catch (error) {
      errors[source] = 1;
      log("scrape.failed", { source, error: wordsOf(error) });
      return [];
    }
  });
  const families = (await Promise.all(asked)).flat();
  return exposition([...families, gaugeOf("scrape_errors", errors)]);
}

function gaugeOf(name: keyof typeof GAUGES, values: Values): Family {
  const [label = ""] = Object.keys(GAUGES[name].labels);
  return gauge(name, GAUGES[name], label, values);
}

function marked(names: readonly string[], value: number): Values {
  return Object.fromEntries(names.map((name) => [name, value] as const));
}
