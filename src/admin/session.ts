// The session of a person who has logged in: a signed cookie that says who it is, and until when. Nothing is kept here for
// it: it ends by its time, or all end with the admin token, of which the signing key is made.
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import * as z from "zod";
import { jsonIn } from "../json.ts";
import { PersonName } from "./who.ts";

/** A working day, or a night on call. */
const SESSION_S = 12 * 60 * 60;
const COOKIE = "flashduty-edge";
/** Its name as a browser keeps it. */
export const SESSION_COOKIE = `__Host-${COOKIE}` as const;
const MANNERS = { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Strict" } as const;

const Session = z.object({ name: PersonName, expires_at: z.number() });

/** Begins one with the answer of `c`. */
export async function beginSession(c: Context, token: string, name: string, now: number): Promise<void> {
  const session: z.output<typeof Session> = { name, expires_at: now + SESSION_S * 1_000 };
  const key = await keyOf(token);
  await setSignedCookie(c, COOKIE, JSON.stringify(session), key, { ...MANNERS, maxAge: SESSION_S });
}

/** Whose session the request belongs to; null where it belongs to none that is ours and still goes on. */
export async function sessionName(c: Context, token: string, now: number): Promise<string | null> {
  const text = await getSignedCookie(c, await keyOf(token), COOKIE, "host");
  const session = Session.safeParse(typeof text === "string" ? jsonIn(text) : null);
  return session.success && session.data.expires_at > now ? session.data.name : null;
}

/** Takes the cookie away. */
export function endSession(c: Context): void {
  deleteCookie(c, COOKIE, MANNERS);
}

/** A key for this use alone: what it signs tells nothing about the token, and fits nowhere else. */
async function keyOf(token: string): Promise<ArrayBuffer> {
  const text = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", text.encode(token), algorithm, false, ["sign"]);
  return crypto.subtle.sign("HMAC", key, text.encode("flashduty-edge: sessions of the admin"));
}
