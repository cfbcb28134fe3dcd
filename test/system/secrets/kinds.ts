// What is asked of each system, by the prefix of its settings.

import { asked, ok, page } from "./kind.ts";
import type { Kind } from "./kind.ts";
import { awx, jenkins, kubernetes, rundeck } from "./kinds-restart.ts";
import { argocd, github, gitlab } from "./kinds-rollback.ts";

const shownOn = (quote: string, id: number) => ({
  id: `entry-${id}`,
  status: "investigating",
  shortlink: page(quote),
  components: [],
  metadata: {},
});
const statuspage: Kind[] = [
  { name: "entries", is: asked("GET", /\/incidents$/), well: (quote, _, id) => ok([shownOn(quote, id)]) },
  { name: "entry", is: asked("POST", /\/incidents$/), well: (quote, _, id) => ok(shownOn(quote, id)) },
];

const seconds = () => Date.now() / 1_000;
const prometheus: Kind[] = [
  {
    name: "query",
    is: asked("GET", /\/query$/),
    well: (quote) =>
      ok({
        data: {
          resultType: "vector",
          result: ["a", "b"].map((one) => ({ metric: { quote: one + quote }, value: [seconds(), "1"] })),
        },
      }),
  },
  {
    name: "query over a time",
    is: asked("GET", /\/query_range$/),
    well: (quote) =>
      ok({
        data: {
          resultType: "matrix",
          result: ["a", "b"].map((one) => ({ metric: { quote: one + quote }, values: [[seconds(), "1"]] })),
        },
      }),
  },
];

const loki: Kind[] = [
  {
    name: "query",
    is: asked("GET", /\/query_range$/),
    well: (quote) => ok({ data: { resultType: "streams", result: [{ values: [[`${Date.now()}000000`, quote]] }] } }),
  },
];

const jaeger: Kind[] = [
  {
    name: "traces",
    is: asked("GET", /\/api\/v3\/trace-summaries$/),
    well: (quote) => ok({ summaries: [{ traceId: quote, rootServiceName: quote, rootOperationName: quote }] }),
  },
  {
    name: "traces by the older API",
    is_rare: true,
    is: asked("GET", /\/api\/traces$/),
    well: (quote) => {
      const spans = [{ operationName: quote, startTime: 1, duration: 1, processID: "p" }];
      return ok({ data: [{ traceID: quote, spans, processes: { p: { serviceName: quote } } }] });
    },
  },
];

const tempo: Kind[] = [
  {
    name: "traces",
    is: asked("GET", /\/api\/search$/),
    well: (quote) => ok({ traces: [{ traceID: quote, rootServiceName: quote, rootTraceName: quote, durationMs: 1 }] }),
  },
];

const catalogue: Kind[] = [
  { name: "service", is: asked("GET", /./), well: (quote) => ok({ owner: quote, runbook: page(quote) }) },
];

/** What is not known here quotes its request as well, but goes no further than its first good answer, `{}`. */
const unknown: Kind[] = [{ name: "anything", is: () => true, well: (quote) => ({ status: 200, json: { quote } }) }];

/** By the prefix of the settings; each call begins anew. */
export function kindsOf(prefix: string): readonly Kind[] {
  const by_prefix: Record<string, readonly Kind[]> = {
    RUNDECK: rundeck,
    AWX: awx,
    JENKINS: jenkins,
    KUBERNETES: kubernetes(),
    ARGOCD: argocd(),
    GITHUB: github,
    GITLAB: gitlab,
    STATUSPAGE: statuspage,
    PROMETHEUS: prometheus,
    LOKI: loki,
    JAEGER: jaeger,
    TEMPO: tempo,
    CATALOG: catalogue,
  };
  return by_prefix[prefix] ?? unknown;
}
