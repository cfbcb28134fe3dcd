// What runs when: this file is yours. An action is run when somebody presses its button in Flashduty (the button's address
// is /webhooks/action/<name>), or when a rule calls for it. It is carried out by the first of its connectors whose settings
// are there. After a change: npm run check.
import * as z from "zod";
import { action } from "./actions/action.ts";
import { http } from "./actions/http.ts";
import { rundeck } from "./actions/restart/rundeck.ts";
import { definePlaybook, label } from "./domain/playbook.ts";

/** Two buttons can share one action: /webhooks/action/restart-host?dc=nj and …?dc=sh */
const dc = z
  .string()
  .regex(/^[\w.-]{1,64}$/, { error: "must be a short name" })
  .optional();

export const playbook = definePlaybook({
  actions: {
    "restart-host": action(
      { summary: "restart the host that the incident is about", key: label("resource"), params: { dc } },
      [
        rundeck({ job: "RUNDECK_RESTART_JOB", options: ({ key, params }) => ({ host: key, dc: params.dc }) }),
        http({
          settings: "RESTART_HOST",
          method: "POST",
          body: ({ key, incident: { incident_id }, run_id, params }) => ({
            host: key,
            incident_id,
            run_id,
            dc: params.dc,
          }),
        }),
      ],
    ),
  },
  rules: [],
});
