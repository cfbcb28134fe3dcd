// The way to the guards' object. What it does not answer lets nothing start.
import { within } from "../deadline.ts";
import type { Candidate, Decision } from "../domain/guard.ts";
import { wordsOf } from "../domain/thrown.ts";
import { type AboutAttempt, log } from "../log.ts";

const ANSWER_WITHIN_MS = 3_000;
/** Where the guards themselves do not answer, a run waits so long, and nothing starts. */
const COME_AGAIN_MS = 15_000;

/** The one object of all guards. */
export function guardOf(env: Env): ReturnType<Env["GUARD"]["getByName"]> {
  return env.GUARD.getByName("guard", { retry: { maxRetries: 2, timeoutMs: 2_000 } });
}

/** Asks the guards whether the run may start. Where they do not answer, it is held: nothing starts without their word. */
export async function askGuard(
  candidate: Candidate,
  about: AboutAttempt,
  env: Env,
): Promise<Exclude<Decision, { kind: "hold" }> | { kind: "hold"; reason: string; after_ms: number }> {
  try {
    const decision = await within(ANSWER_WITHIN_MS, "the guard", askOnce(candidate, env));
    return decision.kind === "hold" ? { ...decision, after_ms: COME_AGAIN_MS } : decision;
  } catch (error) {
    log("guard.failed", { ...about, error: wordsOf(error) });
    return { kind: "hold", reason: "the guards do not answer", after_ms: COME_AGAIN_MS };
  }
}

/** Lets the guards know that a run may have ended. What gets lost they find out by themselves. */
export async function tellGuard(start_id: string, about: AboutAttempt, env: Env): Promise<void> {
  try {
    await within(ANSWER_WITHIN_MS, "the guard", lookOnce(start_id, env));
  } catch (error) {
    log("guard.failed", { ...about, error: wordsOf(error) });
  }
}

async function askOnce(candidate: Candidate, env: Env): Promise<Decision> {
  return guardOf(env).admit(candidate);
}

async function lookOnce(start_id: string, env: Env): Promise<void> {
  await guardOf(env).look(start_id);
}
