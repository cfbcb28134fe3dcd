// The simulation sees what it is for: without this, a world in which nothing ever happens would keep every law.
import { expect, it } from "vitest";
import { play } from "./history.ts";
import { playAll } from "./shard.ts";

/** Each has to happen somewhere in the histories of the first seeds. */
const HAPPENINGS = [
  ...["accepted", "duplicate", "stale", "not answered"].map((what) => `push: ${what}`),
  ...["awaiting_approval", "succeeded", "failed", "skipped", "unknown", "expired", "cancelled"].map(
    (what) => `run: ${what}`,
  ),
  ...["at_once", "cool_down", "budget", "breaker", "comebacks", "go", "hold"].map((what) => `guard: ${what}`),
  ...["succeeded", "failed", "skipped", "later", "held", "not_sent", "unclear", "waiting"].map(
    (what) => `outcome: ${what}`,
  ),
  ...["approve", "cancel", "retry"].flatMap((what) => [`admin: ${what} done`, `admin: ${what} refused`]),
  ...["stopped", "running", "breaker_closed"].map((what) => `switch: ${what}`),
  ...["before the claim", "after the claim", "after the guards' word", "while the target acts"].flatMap(atStep),
  ...["before the outcome is told", "before the guards are told"].flatMap(atStep),
  ...["does", "does_slowly", "does_and_fails", "does_and_keeps_silent", "knows it"].map((what) => `target: ${what}`),
  ...["refuses", "not_now", "has_nothing_to_do", "hangs", "starts_job", "look fails"].map((what) => `target: ${what}`),
  ...["planned", "dispatched", "unknown"].map((what) => `late outcome that counts, of a run that was ${what}`),
  ...["go_on", "wait"].map((what) => `live check: no answer, ${what}`),
  "message lost",
  "message doubled",
  "request lost",
  "request doubled",
  "answer lost",
  "object crashed",
  "crash: alarm, before it has sent",
  "incident forgotten",
  ...["written", "failed", "late", "failed, not forgotten"].map((what) => `index: ${what}`),
  "claim refused",
  "report: fails at first",
  "overridden by a second press",
  "overridden by an administrator",
  "the guards do not answer",
  "breaker opened",
  "breaker opened by keys",
  "late outcome that does not count",
  "guards' alarm",
  "skipped: the incident is closed",
  "skipped: caused by the receiver itself",
  "rules called for too much",
];

function atStep(step: string): string[] {
  return [`crash: ${step}`, `hang: ${step}`];
}

it("sees everything happen that it knows of, within 2,000 histories", async () => {
  const counts = await playAll(1, 2_000);
  expect(HAPPENINGS.filter((what) => !counts.has(what))).toEqual([]);
});

it("tells the same history of the same seed", () => {
  const [one, other] = [0, 1].map(() => {
    const told: string[] = [];
    play(42, new Map<string, number>(), (at, who, what) => told.push(`${at} ${who}: ${what}`));
    return told;
  });
  expect(one?.length).toBeGreaterThan(10);
  expect(one).toEqual(other);
});
