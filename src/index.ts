// What the runtime calls. Nothing else.
import { app } from "./app.ts";
import { readSettings } from "./config.ts";
import { log } from "./log.ts";
import { forgetBefore } from "./receive/quarantine.ts";
import { consume } from "./runs/consumer.ts";

export { Quota } from "./flashduty/quota.ts";
export { Guard } from "./runs/guard.ts";
export { Incident } from "./incident/object.ts";

export default {
  fetch: app.fetch,
  queue: consume,
  async scheduled(controller, env) {
    const count = await forgetBefore(env.DB, controller.scheduledTime - readSettings(env).retention_ms);
    log("quarantine.forgotten", { count });
  },
} satisfies ExportedHandler<Env>;
