// What runs when: your file. An action is what can be done for an incident, and has a name: the button in Flashduty
// calls /webhooks/action/<name>. A rule says which events call for an action by themselves. `npm run check` tells what
// is wrong here before a night does.
import * as z from "zod";
import { http } from "./actions/http.ts";
import { definePlaybook } from "./domain/playbook.ts";

export const playbook = definePlaybook({
  actions: {
    "restart-host": http({
      summary: "restart the host that the incident is about",
      // Live once this is set: wrangler secret put RESTART_HOST_URL
      url: "RESTART_HOST_URL",
      token: "RESTART_HOST_TOKEN",
      method: "POST",
      // Two buttons can share one action: /webhooks/action/restart-host?dc=nj and …?dc=sh
      params: {
        dc: z
          .string()
          .regex(/^[\w.-]{1,64}$/, { error: "must be a short name" })
          .optional(),
      },
      key: { from: "the label `resource`", of: ({ incident }) => incident.labels["resource"] },
      body: ({ key, incident, run_id, params }) => ({
        host: key,
        incident_id: incident.incident_id,
        run_id,
        dc: params.dc,
      }),
    }),
  },
  rules: [],
});
