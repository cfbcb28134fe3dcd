// Four kinds of tests: the pure rules, whole histories of them in a world that goes wrong, the wiring in the real workerd, and
// the whole in a process of its own.
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { description } from "./test/simulator/contract-file.ts";

const WEBHOOK_TOKEN = "a-token-that-only-tests-use";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 60_000 } },
      { test: { name: "simulation", include: ["test/simulation/**/*.test.ts"], testTimeout: 900_000 } },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                WEBHOOK_TOKEN,
                ADMIN_TOKEN: "an-admin-token-that-only-tests-use",
                RESTART_HOST_URL: "https://runner.example/restart",
                RESTART_HOST_TOKEN: "a-credential-that-only-tests-use",
                MIGRATIONS: await readD1Migrations("./migrations"),
                // "null" where the vendor's description is not at hand.
                FLASHDUTY_DESCRIPTION: JSON.stringify(description()),
              },
            },
          })),
        ],
        test: { name: "workers", include: ["test/workers/**/*.test.ts"], setupFiles: ["./test/workers/setup.ts"] },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts", "test/simulator/**/*.test.ts"],
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
