// The receiver, with guards that remember and decide as ever, but let a hundred presses pass.
import { playbook } from "../../../src/playbook.ts";

const limit = { at_once: 1_000, budget: { runs: 100_000, window_ms: 60 * 60_000 } };
const guards = { each: limit, all: limit, breaker: { failures: 100_000, window_ms: 60 * 60_000 } };
// What the Worker is built with are these very objects.
for (const action of Object.values(playbook.actions)) Object.assign(action, { guards });

export { default, Guard, Incident, Quota, Register } from "../../../src/index.ts";
