// Cloudflare Access before /admin: who it says has come, once its signature is verified with the team's own keys.
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import * as z from "zod";
import type { AccessGate } from "../config.ts";
import { wordsOf } from "../domain/thrown.ts";
import { MOST_NAME, type Who } from "./who.ts";

/** Where Access puts what it vouches for. The cookie with the same text is not always there. */
export const ASSERTION = "Cf-Access-Jwt-Assertion";

type Vouched =
  | { who: Who }
  /** It is none, or not for us, or too old. */
  | { wrong: string }
  /** The keys cannot be had, so nobody can be told from anybody. */
  | { unreachable: string };

/** Somebody is waiting for a page. */
const KEYS_WITHIN_MS = 3_000;

/** A person has an address, a program the name of its service token. */
const Claims = z.union([
  z
    .object({ email: z.string().trim().min(1) })
    .transform(({ email }): Who => ({ kind: "person", name: email.slice(0, MOST_NAME), by: "access" })),
  z.object({ common_name: z.string().min(1) }).transform((): Who => ({ kind: "program", by: "access" })),
]);

/** Who stands behind the assertion. Never throws. */
export async function vouchedBy(assertion: string, gate: AccessGate, now: number): Promise<Vouched> {
  try {
    const { payload } = await jwtVerify(assertion, keysOf(gate), {
      algorithms: ["RS256"],
      issuer: gate.team_url,
      audience: gate.audience,
      requiredClaims: ["exp"],
      currentDate: new Date(now),
    });
    const claims = Claims.safeParse(payload);
    return claims.success ? { who: claims.data } : { wrong: "it names nobody" };
  } catch (error) {
    // Its name would be that of a class, and the script is minified: its code stays as it is.
    return isAboutIt(error) ? { wrong: `${error.code}: ${error.message}` } : { unreachable: wordsOf(error) };
  }
}

const sets = new WeakMap<AccessGate, JWTVerifyGetKey>();

/** The team's keys: fetched when they are first needed, kept for a while, asked for again when one is not among them. */
function keysOf(gate: AccessGate): JWTVerifyGetKey {
  const url = new URL("/cdn-cgi/access/certs", gate.team_url);
  const keys = sets.get(gate) ?? createRemoteJWKSet(url, { timeoutDuration: KEYS_WITHIN_MS });
  sets.set(gate, keys);
  return keys;
}

/** Whether it says something about the assertion, and not about the way to the keys. */
function isAboutIt(error: unknown): error is errors.JOSEError {
  const others = ["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID"];
  return error instanceof errors.JOSEError && !others.includes(error.code);
}
