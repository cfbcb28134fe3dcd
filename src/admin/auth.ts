// The door of /admin: who may come in, and how they come to be known. It says who it is to all that lies behind it.
import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { type AccessGate, readSettings } from "../config.ts";
import { problemOf, problemResponse } from "../problem.ts";
import { carriesToken } from "../receive/token.ts";
import { ASSERTION, vouchedBy } from "./access.ts";
import { guess } from "./guesses.ts";
import { safeHeaders } from "./headers.ts";
import { login, wayToLogin } from "./login.tsx";
import { isOwn, isSafe } from "./origin.ts";
import { assets } from "./page/assets.ts";
import { refuse, type Why } from "./refusal.ts";
import { sessionName } from "./session.ts";
import type { AdminEnv, Who } from "./who.ts";

type Entry = { who: Who } | { why: Why; because?: string };

/** Nobody is let in where there is no admin token: what is signed would be signed with nothing. */
const isSetUp = createMiddleware<AdminEnv>(async (c, next) => {
  const { admin_tokens, faults } = readSettings(c.env);
  if (admin_tokens.length > 0) return next();
  return problemResponse(problemOf("not_set_up", 503, "The receiver is not set up", faults.join("; ")));
});

/** Lets in who is known, as `who`; the others get an answer that tells nothing. */
const whoMay = createMiddleware<AdminEnv>(async (c, next) => {
  const entry = await entryOf(c);
  if ("why" in entry) {
    const is_lost = entry.why === "no_token" && wantsPage(c);
    return is_lost ? c.redirect(wayToLogin(c.req.url), 303) : refuse(c, entry.why, entry.because);
  }
  if (isForged(c, entry.who)) return refuse(c, "forged");
  c.set("who", entry.who);
  return next();
});

/**
 * Who asks, by what the request carries: the token, then Access's assertion, then a session. The first that is there decides:
 * where it is wrong, nothing else that came along makes it right.
 */
async function entryOf(c: Context<AdminEnv>): Promise<Entry> {
  const { access } = readSettings(c.env);
  if (c.req.header("Authorization") !== undefined) return byToken(c);
  const assertion = c.req.header(ASSERTION);
  return access !== null && assertion !== undefined ? byAccess(c, access, assertion) : bySession(c);
}

async function byToken(c: Context<AdminEnv>): Promise<Entry> {
  const { admin_tokens } = readSettings(c.env);
  const found = await guess(c.req.raw, "bearer", c.env, async (): Promise<Entry | null> =>
    (await carriesToken(c.req.raw, admin_tokens)) ? { who: { kind: "program" } } : null,
  );
  return typeof found === "string" ? { why: found === "wrong" ? "wrong_token" : found } : found;
}

async function byAccess(c: Context<AdminEnv>, gate: AccessGate, assertion: string): Promise<Entry> {
  let because = "";
  const found = await guess(c.req.raw, "assertion", c.env, async (): Promise<Entry | null> => {
    const vouched = await vouchedBy(assertion, gate, Date.now());
    if ("who" in vouched) return vouched;
    // That nobody can tell is no wrong guess.
    if ("unreachable" in vouched) return { why: "keys_unreachable", because: vouched.unreachable };
    because = vouched.wrong;
    return null;
  });
  return typeof found === "string" ? { why: found === "wrong" ? "wrong_assertion" : found, because } : found;
}

async function bySession(c: Context<AdminEnv>): Promise<Entry> {
  const [token = ""] = readSettings(c.env).admin_tokens;
  const name = await sessionName(c, token, Date.now());
  return name === null ? { why: "no_token" } : { who: { kind: "person", name, by: "session" } };
}

/** A browser asks for something to show. What the API answers is for programs. */
export function wantsPage(c: Context): boolean {
  const is_page = !/^\/admin\/(?:api(?:\/|$)|metrics$|openapi\.json$)/.test(c.req.path);
  return is_page && (c.req.header("Accept") ?? "").includes("text/html");
}

/**
 * Whether a browser may have been made to send this by a page that is not ours. It adds cookies by itself, and Access adds its
 * assertion to those; a token in the header it never adds. A browser says where it comes from, a program does not.
 */
function isForged(c: Context, who: Who): boolean {
  if (isSafe(c.req.method) || who.by === undefined) return false;
  if (who.kind === "program" && c.req.header("Origin") === undefined) return false;
  const is_api = c.req.path.startsWith("/admin/api/");
  return !isOwn(c.req.raw, is_api ? "application/json" : "application/x-www-form-urlencoded");
}

/** To be mounted first: all that is mounted beside it later lies behind it. */
export const door = new Hono<AdminEnv>();
door.use(safeHeaders);
door.route("/", assets);
door.use(isSetUp);
door.route("/", login);
door.use(whoMay);
