// The receiver of the demo: the shipped playbook, with the rule that it suggests. What was reopened is restarted by itself,
// once somebody else has agreed.
import { definePlaybook } from "../../../src/domain/playbook.ts";
import { playbook } from "../../../src/playbook.ts";

const rule = {
  on: ["i_reopen"],
  approval: { within_ms: 30 * 60_000, not_by: ({ person }) => (person === null ? [] : [person.person_id]) },
  run: "restart-host",
} satisfies (typeof playbook.rules)[number];

// What the Worker is built with is this very object.
Object.assign(playbook, definePlaybook({ actions: playbook.actions, rules: [...playbook.rules, rule] }));

export { default, Guard, Incident, Quota, Register } from "../../../src/index.ts";
