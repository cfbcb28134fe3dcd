// The playbook of a team as the tests of reports, jobs and checks know it: an action of each kind, whatever the one that is
// shipped has. Importing this puts it in the place of the shipped one, for the whole file of tests.
import * as z from "zod";
import { action } from "../../src/actions/action.ts";
import { readStart } from "../../src/actions/answer.ts";
import type { Connector } from "../../src/actions/connector.ts";
import { http } from "../../src/actions/http.ts";
import { rundeck } from "../../src/actions/restart/rundeck.ts";
import { label } from "../../src/domain/key.ts";
import { definePlaybook } from "../../src/domain/playbook.ts";
import { playbook } from "../../src/playbook.ts";

const Found = z.object({
  summary: z.string(),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  links: z.array(z.string()).default([]),
});

/** Finds out whatever its system, behind `metrics.example`, says: a summary, values, links. */
const metrics: Connector<Record<string, never>> = {
  name: "Metrics",
  settings: [],
  repeatable: true,
  start: async ({ call, run_id }) => {
    const headers = new Headers({ "Idempotency-Key": run_id });
    const found = readStart(await call({ method: "GET", url: new URL("https://metrics.example/"), headers }), Found);
    return found.ok ? { kind: "succeeded", ...found.value } : found.outcome;
  },
};

const team = definePlaybook({
  actions: {
    // Whatever is pressed is run, however often: what the guards make of it has tests of its own.
    "restart-host": action({ summary: "restart the host", key: label("resource"), params: {}, destructive: false }, [
      rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key }) => ({ host: key }) }),
      http({ settings: "RESTART_HOST", method: "POST", repeatable: true, body: ({ key }) => ({ host: key }) }),
    ]),
    enrich: action(
      {
        summary: "look at the host",
        params: {},
        informational: true,
        fields: { cpu_at_incident: "cpu", looked_at: "board" },
      },
      [metrics],
    ),
    "tidy-up": action({ summary: "put everything back", params: {}, demands: "nothing", destructive: false }, [
      http({ settings: "RESTART_HOST", method: "POST", repeatable: true }),
    ]),
  },
  rules: [
    { on: ["i_new"], run: "enrich" },
    { on: ["i_rslv"], run: "tidy-up", follows: true },
    { on: ["i_ack"], run: "restart-host", follows: true },
  ],
});

// What the Worker was built with is this very object.
Object.assign(playbook, team);
