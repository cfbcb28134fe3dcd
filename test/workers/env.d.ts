/// <reference types="@cloudflare/vitest-pool-workers/types" />
// What the tests bind beyond the Worker's own settings.
import type { D1Migration } from "cloudflare:test";

declare global {
  namespace Cloudflare {
    interface Env {
      MIGRATIONS: D1Migration[];
      RESTART_HOST_URL: string;
      RESTART_HOST_TOKEN: string;
      FLASHDUTY_DESCRIPTION: string;
      FLASHDUTY_APP_KEY?: string;
      ACCESS_TEAM?: string;
      ACCESS_AUD?: string;
    }
  }
}
