// The receiver with the actions of guards.test.ts.
import { action } from "../../../src/actions/action.ts";
import type { Connector } from "../../../src/actions/connector.ts";
import { http } from "../../../src/actions/http.ts";
import { rundeck } from "../../../src/actions/restart/rundeck.ts";
import { label } from "../../../src/domain/key.ts";
import { definePlaybook } from "../../../src/domain/playbook.ts";
import { playbook } from "../../../src/playbook.ts";
import { type ActionName, LIMITS, TIME_LIMIT_MS } from "./limits.ts";

const limited = (name: ActionName, connector: Connector<Record<string, never>>) =>
  action(
    {
      summary: name,
      key: label("resource"),
      params: {},
      attempts: 3,
      time_limit_ms: TIME_LIMIT_MS,
      ...LIMITS[name],
    },
    [connector],
  );

const guarded = definePlaybook({
  actions: {
    "restart-host": limited(
      "restart-host",
      http({ settings: "RESTART_HOST", method: "POST", repeatable: true, body: ({ key }) => ({ host: key }) }),
    ),
    "reboot-host": limited(
      "reboot-host",
      http({ settings: "REBOOT_HOST", method: "POST", repeatable: true, body: ({ key }) => ({ host: key }) }),
    ),
    "drain-host": limited(
      "drain-host",
      rundeck({ job: "RUNDECK_DRAIN_JOB", options: ({ key, run_id }) => ({ host: key, run_id }) }),
    ),
  },
  rules: [],
});

// What the Worker is built with is this very object.
Object.assign(playbook, guarded);

export { default, Guard, Incident, Quota, Register } from "../../../src/index.ts";
