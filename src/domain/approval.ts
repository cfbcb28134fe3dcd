// Consent: who may give it to a run that waits for it.
import type { Run } from "./run.ts";

/** The button that approves what waits: its address is /webhooks/action/approve, so no action has this name. */
export const APPROVE = "approve";
/** Where its press comes to. */
export const APPROVING = `action/${APPROVE}` as const;

/** In the place of those who must not approve, where it cannot be told who they are. */
export const ANYBODY = "*";

/** Who gives it: a person at a button, or whoever holds the admin token, by the name that is told there. */
export interface Approver {
  at: "button" | "admin";
  /** Of a button's person; either may be "". */
  person_id: string;
  email: string;
  name: string;
}

/** Why this one may not approve the run; null where nothing speaks against it. */
export function objectionTo(
  { at, person_id, email, name }: Approver,
  { approval }: Pick<Run, "approval">,
): string | null {
  if (at === "button" ? person_id === "" : name.trim() === "") return "nobody is named who approves it";
  const not_by = approval?.not_by ?? [];
  if (not_by.includes(ANYBODY)) return "who must not approve it cannot be told: the rule is broken";
  if (at === "button" && email === "" && not_by.some((one) => one.includes("@")))
    return "the playbook excludes somebody by address, and Flashduty does not tell that of whoever pressed";
  const is = (one: string) =>
    [person_id, email, name].some((own) => own !== "" && own.toLowerCase() === one.toLowerCase());
  return not_by.some(is) ? "the playbook wants somebody else to approve it" : null;
}

/** The one who approves, for people to read. */
export function nameOf({ person_id, name }: Approver): string {
  return name.trim() === "" ? `person ${person_id}` : name;
}
