// What holds for every test here: D1's tables are made, the network outside is a target that agrees to everything, deadlines
// of ours pass only where a test lets them (`passTime`), so that a busy machine fails no test, and counts are written only
// where a test says so (`flush`).
import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, vi } from "vitest";
import { pace } from "../../src/tally/tally.ts";
import { gatherLines, logged } from "./logged.ts";

// Replaced rather than spied on: what goes on after a file's last test must not reach the network either.
globalThis.fetch = async () => new Response(null, { status: 204 });

pace.is_automatic = false;
vi.setConfig({ testTimeout: 30_000 });

beforeAll(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS);
});

beforeEach(({ onTestFailed }) => {
  vi.restoreAllMocks();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(globalThis, "fetch");
  gatherLines();
  onTestFailed(() => {
    console.warn(logged().slice(-20).join("\n"));
  });
});
