// Who stands before the admin API or its pages.

export type Who =
  /** Carries the admin token; says in each request in whose name it decides. */
  | { kind: "program" }
  /** Has logged in with the token and a name, or was let in by Cloudflare Access, which vouches for the name. */
  | { kind: "person"; name: string; by: "session" | "access" };

/** In whose name a decision is written down: a person's own, whatever the request claims. */
export function nameOf(who: Who, claimed: string | undefined): string | undefined {
  return who.kind === "person" ? who.name : claimed;
}
