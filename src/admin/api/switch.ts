// The kill switch: what is stopped, and by whom; and how it is stopped and let go on.
import * as z from "zod";
import { actionNamed } from "../../domain/playbook.ts";
import { log } from "../../log.ts";
import { playbook } from "../../playbook.ts";
import { guardOf } from "../../runs/guard-stub.ts";
import { decidedBy, Decision, decision, Nothing, view } from "../endpoint.ts";
import { SwitchView } from "../shapes.ts";
import { switchView } from "../switch.ts";

const shown = view({
  path: "/api/switch",
  summary: "What is stopped, which breakers are open, and how it came to that",
  query: Nothing,
  answer: SwitchView,
  answerTo: async ({ env }) => switchView(await guardOf(env).switches()),
});

const Change = z
  .strictObject({
    action: z
      .string()
      .describe("Left out for everything")
      .refine((name) => actionNamed(playbook, name) !== undefined, {
        error: () => `must be one of ${Object.keys(playbook.actions).join(", ")}`,
      })
      .optional(),
    set: z.enum(["stopped", "running", "breaker_closed"]),
    ...Decision.shape,
    reason: z.string().trim().min(1).max(500),
  })
  .refine(({ action, set }) => action !== undefined || set !== "breaker_closed", {
    path: ["action"],
    error: "must name the action whose breaker is closed",
  });

const changed = decision({
  method: "PUT",
  path: "/api/switch",
  summary: "Stops everything or one action, lets it go on, or closes a breaker",
  body: Change,
  answer: SwitchView,
  answerTo: async (asked) => {
    const { action, ...change } = asked.body;
    const switches = await guardOf(asked.env).change({ action: action ?? "", ...change });
    log("switch.changed", { ...decidedBy(asked), action: action ?? "everything", set: change.set });
    return switchView(switches);
  },
});

export const kill_switch = { shown, changed };
