// Who stands before the admin API or its pages, and in which name.
import * as z from "zod";

/** An e-mail address may be this long. */
export const MOST_NAME = 254;
/** In whose name somebody decides, by whichever door. */
export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(MOST_NAME)
  .regex(/^\P{Cc}*$/u);

export type Who =
  /** Carries the admin token, or a service token of Access; says in each request in whose name it decides. */
  | { kind: "program"; by?: "access" }
  /** Has logged in with the token and a name, or was let in by Cloudflare Access, which vouches for the name. */
  | { kind: "person"; name: string; by: "session" | "access" };

/** What Hono knows behind the door of /admin. */
export interface AdminEnv {
  Bindings: Env;
  Variables: { who: Who };
}

/** By which door they came in, for the log. */
export function doorOf(who: Who): "bearer" | "session" | "access" {
  return who.by ?? "bearer";
}
