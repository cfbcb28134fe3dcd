// Whom the door of /admin turns away, and in which words.
import type { Context } from "hono";
import { readSettings, withoutTokens } from "../config.ts";
import { log } from "../log.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { idsOf, spanUnder } from "../trace.ts";
import { REFUSED_S } from "./guesses.ts";
import type { AdminEnv } from "./who.ts";

export type Why = "no_token" | "wrong_token" | "wrong_assertion" | "too_often" | "forged" | "keys_unreachable";

/** What is said to each: its type, status, title, and what to do. */
const SAID: Readonly<Record<Why, readonly [string, number, string, string]>> = {
  no_token: [
    "wrong_token",
    401,
    "Wrong token",
    "Send Authorization: Bearer <ADMIN_TOKEN>; people log in at /admin/login.",
  ],
  wrong_token: [
    "wrong_token",
    401,
    "Wrong token",
    "Send Authorization: Bearer <ADMIN_TOKEN>; people log in at /admin/login.",
  ],
  wrong_assertion: [
    "wrong_assertion",
    401,
    "Wrong assertion",
    "Cloudflare Access vouches for somebody, but not for this application: compare ACCESS_TEAM and ACCESS_AUD with it.",
  ],
  too_often: [
    "too_many_attempts",
    429,
    "Too many failed attempts",
    "Your network has failed too often. Wait a minute.",
  ],
  forged: ["not_our_page", 403, "Not sent by our own page", "What changes something is taken from our own pages only."],
  keys_unreachable: [
    "keys_unreachable",
    503,
    "Cloudflare Access does not answer",
    "Its keys cannot be had, so nobody can be let in by it. Try again, or send Authorization: Bearer <ADMIN_TOKEN>.",
  ],
};

/** Turns away whoever asks. `because`: what the log is told beyond that. */
export function refuse(c: Context<AdminEnv>, why: Why, because?: string): Response {
  logRefused(c, why, because);
  const answer = problemResponse(problemOf(...SAID[why]));
  if (why === "too_often") answer.headers.set("Retry-After", String(REFUSED_S));
  return answer;
}

export function logRefused(c: Context<AdminEnv>, why: Why, because?: string): void {
  const path = withoutTokens(c.req.path, readSettings(c.env));
  log("admin.refused", { ...askerOf(c), why, because, path });
}

/** What a line of the log says of whoever asks. */
export function askerOf(c: Context) {
  return { ...idsOf(spanUnder(c.req.header("traceparent"))), source: c.req.header("CF-Connecting-IP") ?? "" };
}
