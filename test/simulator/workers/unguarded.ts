// The receiver, its actions without guards, and none waiting for another: for tests that press a button hundreds of times, and
// ask something else of it.
import { playbook } from "../../../src/playbook.ts";

// What the Worker is built with are these very objects.
for (const action of Object.values(playbook.actions)) Object.assign(action, { guards: {}, after: null });

export { default, Guard, Incident, Quota, Register } from "../../../src/index.ts";
