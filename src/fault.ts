// One fault of a body or a parameter, in the words of the answer's `errors` (RFC 9457 extension).
import type * as z from "zod";

/** `path` as in `incident.labels.host`, "" for the whole; `message` says what is wrong there. */
export interface Fault {
  path: string;
  message: string;
}

/** Faults that zod found. `root` names what stands before every path. At most 20: a body can hold thousands. */
export function faultsOf(error: z.ZodError, root = ""): Fault[] {
  return error.issues.slice(0, 20).map((issue) => ({
    path: [root, ...issue.path.map(String)].filter((part) => part !== "").join("."),
    message: issue.message,
  }));
}
