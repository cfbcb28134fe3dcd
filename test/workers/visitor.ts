// Those who come to /admin, as their browsers and programs send it.
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { ask, type Changes } from "./push.ts";
import { passTime, until } from "./until.ts";

export const HOME = "https://edge.example";

let visitors = 0;

/** An address that nobody else has come from. */
export function newAddress(): string {
  visitors += 1;
  return `198.51.${100 + Math.floor(visitors / 250)}.${visitors % 250}`;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  /** A form where it is an object. */
  body?: string | Record<string, string>;
  /** A new one, unless it is said. */
  from?: string;
}

/** One request to the app, as it is said and with nothing added but the address. */
export async function visit(path: string, { method = "GET", ...sent }: Sent = {}, changes?: Changes) {
  const headers = { "CF-Connecting-IP": sent.from ?? newAddress(), ...sent.headers };
  const body = typeof sent.body === "object" ? new URLSearchParams(sent.body).toString() : sent.body;
  const request = new Request(HOME + path, { method, headers, ...(body !== undefined && { body }) });
  return (await ask(request, changes)).response;
}

/** The same of a wrong guess, whose answer comes late. */
export async function guessWrong(...given: Parameters<typeof visit>): Promise<Response> {
  const [response] = await Promise.all([visit(...given), passTime(1_000)]);
  return response;
}

/** A guess that is answered late, or at once where its sender may guess no more. */
export async function guessOn(...given: Parameters<typeof visit>): Promise<Response> {
  let is_answered = false;
  const response = visit(...given).finally(() => {
    is_answered = true;
  });
  await until(() => is_answered || vi.getTimerCount() > 0);
  vi.advanceTimersByTime(1_000);
  return response;
}

/** What a browser says with a form of ours. */
export const FORM = {
  Origin: HOME,
  "Sec-Fetch-Site": "same-origin",
  "Content-Type": "application/x-www-form-urlencoded",
  Accept: "text/html",
};

/** What it says with a request that a script of ours makes. */
export const SCRIPT = { Origin: HOME, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json" };

/** The form of the log-in, filled in and sent. */
export function loginOf(fields: Record<string, string> = {}, headers: Record<string, string> = FORM) {
  const body = { name: "lisi", token: env.ADMIN_TOKEN, to: "", ...fields };
  return { method: "POST", headers, body };
}

/** Logs in; the cookie as it is sent from then on. */
export async function logIn(name = "lisi", changes?: Changes): Promise<string> {
  const token = changes?.ADMIN_TOKEN ?? env.ADMIN_TOKEN;
  const response = await visit("/admin/login", loginOf({ name, token }), changes);
  expect(response.status).toBe(303);
  return cookieIn(response);
}

export function cookieIn(response: Response): string {
  return response.headers.get("Set-Cookie")?.split(";", 1)[0] ?? "";
}
