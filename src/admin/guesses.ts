// Guessing is slowed down: what was wrong is answered late, and whoever is wrong too often is refused for a while. Who is right
// never waits, whoever guesses beside them; but at the form, which people fill in, nothing is looked at for that while.
import ipaddr from "ipaddr.js";
import { wordsOf } from "../domain/thrown.ts";
import { log } from "../log.ts";

/** How the door was tried. Each is counted by itself: a program with an old token must not lock out the people beside it. */
type Way = "bearer" | "assertion" | "form";

/** No wrong guess is answered sooner: this holds even where the counters, which lag, do not see it yet. */
const ANSWERED_AFTER_MS = 1_000;
/** As the limit LOGINS in wrangler.toml has it: who is over it is not looked at for so long. */
export const REFUSED_S = 60;
/** Guessers that one isolate remembers. A flood from more addresses than that is only counted. */
const REMEMBERED = 1_000;

const refused_until = new Map<string, number>();

/**
 * Looks whether the request is right, where its sender may still guess; null from `look` is a wrong guess. The platform's
 * counter can only count, not tell: so only failures are counted, and each isolate remembers whom it refused.
 */
export async function guess<Right extends object>(
  request: Request,
  way: Way,
  env: Env,
  look: () => Promise<Right | null>,
): Promise<Right | "wrong" | "too_often"> {
  const guesser = `${way} ${networkOf(request.headers.get("CF-Connecting-IP") ?? "")}`;
  const is_refused = (refused_until.get(guesser) ?? 0) > Date.now();
  if (is_refused && way === "form") return "too_often";
  const right = await look();
  if (right !== null) return right;
  if (is_refused) return "too_often";
  await Promise.all([count(guesser, env), pause(ANSWERED_AFTER_MS)]);
  return "wrong";
}

async function count(guesser: string, env: Env): Promise<void> {
  try {
    const { success } = await env.LOGINS.limit({ key: guesser });
    if (!success) refuse(guesser, Date.now());
  } catch (error) {
    log("admin.uncounted", { error: wordsOf(error) });
  }
}

function refuse(guesser: string, now: number): void {
  for (const [known, until] of refused_until) if (until <= now) refused_until.delete(known);
  if (refused_until.size < REMEMBERED) refused_until.set(guesser, now + REFUSED_S * 1_000);
}

/** Whoever has one IPv6 address has the 2^64 beside it as well. */
function networkOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toByteArray().slice(0, 8).join(".") : address;
}

async function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
