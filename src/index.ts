// What the runtime calls. Nothing else.
import { app } from "./app.ts";
import { readSettings } from "./config.ts";
import { log } from "./log.ts";
import { forgetBefore } from "./receive/quarantine.ts";
import { consume } from "./runs/consumer.ts";
import { forgetDrift } from "./tally/drift.ts";
import { foldTallies } from "./tally/fold.ts";

export { Quota } from "./flashduty/quota.ts";
export { Guard } from "./runs/guard.ts";
export { Incident } from "./incident/object.ts";
export { Register } from "./register.ts";

export default {
  fetch: app.fetch,
  queue: consume,
  async scheduled(controller, env) {
    const forgotten_before = controller.scheduledTime - readSettings(env).retention_ms;
    await foldTallies(env.DB, controller.scheduledTime);
    await forgetDrift(env.DB, forgotten_before);
    const count = await forgetBefore(env.DB, forgotten_before);
    log("quarantine.forgotten", { count });
  },
} satisfies ExportedHandler<Env>;
