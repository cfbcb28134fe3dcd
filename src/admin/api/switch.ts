// The kill switch: what is stopped, and by whom; and how it is stopped and let go on.
import * as z from "zod";
import { actionNamed } from "../../domain/playbook.ts";
import { log } from "../../log.ts";
import { playbook } from "../../playbook.ts";
import { guardOf } from "../../runs/guard-stub.ts";
import type { Switches } from "../../runs/guard.ts";
import { badBody, decidedBy, Decision, decision, Nothing, Reason, view } from "../endpoint.ts";
import { SwitchView } from "../shapes.ts";
import { switchView } from "../switch.ts";

export const showSwitch = view({
  path: "/api/switch",
  summary: "What is stopped, which breakers are open, and how it came to that",
  query: Nothing,
  answer: SwitchView,
  answerTo: async ({ env }) => switchView(await guardOf(env).switches()),
});

const Change = z
  .strictObject({
    action: z.string().min(1).describe("Left out for everything").optional(),
    set: z.enum(["stopped", "running", "breaker_closed"]),
    ...Decision.shape,
    reason: Reason,
  })
  .refine(({ action, set }) => action !== undefined || set !== "breaker_closed", {
    path: ["action"],
    error: "must name the action whose breaker is closed",
  });

export const changeSwitch = decision({
  method: "PUT",
  path: "/api/switch",
  summary: "Stops everything or one action, lets it go on, or closes a breaker",
  body: Change,
  answer: SwitchView,
  answerTo: async (asked) => {
    const { action, ...change } = asked.body;
    const guard = guardOf(asked.env);
    const is_known = action === undefined || actionNamed(playbook, action) !== undefined;
    // What is held can be let go on, even where the playbook has it no more.
    if (!is_known && (change.set === "stopped" || !isHeld(action, await guard.switches())))
      return badBody([{ path: "action", message: `must be one of ${Object.keys(playbook.actions).join(", ")}` }]);
    const switches = await guard.change({ action: action ?? "", ...change });
    log("switch.changed", { ...decidedBy(asked), action: action ?? "everything", set: change.set });
    return switchView(switches);
  },
});

function isHeld(action: string, { stops, breakers }: Switches): boolean {
  const is_open = breakers.some((one) => one.action === action && one.opened_at !== null);
  return is_open || stops.some((one) => one.action === action);
}
