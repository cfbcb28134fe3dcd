// The targets: they answer, refuse, ask to come later, hang, do it and say nothing, and start jobs that take their time.
import { runId } from "../../src/domain/event.ts";
import type { Outcome, Run } from "../../src/domain/run.ts";
import type { Attempt } from "./fact.ts";
import type { Cast } from "./history.ts";
import type { SceneAction } from "./scene.ts";
import { Reply } from "./world.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const ANSWERS_AFTER_MS = [0, 0, 100, 1_000] as const;
const SLOW_MS = [2_000, 8_000, 30_000, 120_000] as const;
const JOBS_MS = [2 * SECOND_MS, 30 * SECOND_MS, 4 * MINUTE_MS, 20 * MINUTE_MS, 20 * MINUTE_MS] as const;
const LATER_MS = [undefined, 0, 5_000, 60_000] as const;
const NEVER_MS = 365 * 24 * 60 * MINUTE_MS;
/** How long to wait before looking again at a job that does not seem to end. */
const LOOK_SELDOM_MS = 3 * 60 * MINUTE_MS;

/** What a target does, or has done. */
interface Job {
  handle: string;
  /** It answers before the job is done, and is looked at. */
  is_long: boolean;
  done_at: number;
  is_good: boolean;
}

export class Targets {
  readonly #cast: () => Cast;
  /** By handle, and by the key of the request where the target can tell a repetition. */
  readonly #jobs = new Map<string, Job>();
  #asked = 0;

  constructor(cast: () => Cast) {
    this.#cast = cast;
  }

  /** Sends the request of an attempt, which is cut off after `left_ms`. */
  ask(attempt: Attempt, action: SceneAction, left_ms: number): Reply<Outcome> {
    const { world, scene } = this.#cast();
    const reply = new Reply<Outcome>();
    const way_ms = world.chance.pick(scene.weather.ways_ms);
    if (way_ms >= left_ms || world.chance.likely(scene.weather.lost)) return reply;
    const answer = (after_ms: number, outcome: Outcome) => world.after(after_ms, () => reply.come(outcome));
    world.after(way_ms, () => {
      if (attempt.is_over) return; // the connection broke with the Worker
      if (attempt.run.handle === null) this.#start(attempt, action, answer);
      else answer(0, this.#look(attempt.run.handle));
    });
    return reply;
  }

  #start(attempt: Attempt, action: SceneAction, answer: (after_ms: number, outcome: Outcome) => void): void {
    const { world, see } = this.#cast();
    const key = idempotencyKey(attempt.run);
    see({ kind: "arrived", attempt, idempotency_key: key });
    const known = action.repeatable ? this.#jobs.get(key) : undefined;
    if (known !== undefined) {
      world.count("target: knows it");
      answer(known.is_long ? 0 : Math.max(known.done_at - world.now, 0), this.#standing(known));
      return;
    }
    const habit = this.#habit(action);
    world.count(`target: ${habit}`);
    world.say("target", () => `is asked for ${key}: ${habit}`);
    const turnAway = (outcome: Outcome) => {
      see({ kind: "turned_away", attempt });
      answer(0, outcome);
    };
    switch (habit) {
      case "refuses":
        turnAway({ kind: "failed", reason: "the target answered 422" });
        return;
      case "not_now":
        turnAway({ kind: "later", reason: "the target answered 503", after_ms: world.chance.pick(LATER_MS) });
        return;
      case "has_nothing_to_do":
        turnAway({ kind: "skipped", reason: "it is as it should be" });
        return;
      case "hangs":
        return;
      case "starts_job": {
        const job = this.#act(attempt, true, world.chance.likely(0.1) ? NEVER_MS : world.chance.pick(JOBS_MS));
        answer(0, this.#standing(job));
        return;
      }
      case "does_slowly": {
        const job = this.#act(attempt, false, world.chance.pick(SLOW_MS));
        answer(job.done_at - world.now, SUCCEEDED);
        return;
      }
      case "does":
      case "does_and_fails":
      case "does_and_keeps_silent": {
        const job = this.#act(attempt, false, world.chance.pick(ANSWERS_AFTER_MS));
        if (habit === "does") answer(job.done_at - world.now, SUCCEEDED);
        if (habit === "does_and_fails") answer(0, { kind: "unclear", reason: "the target answered 500" });
      }
    }
  }

  #habit({ habits }: SceneAction): keyof SceneAction["habits"] {
    const { world, scene } = this.#cast();
    return world.chance.likely(scene.weather.trouble) ? world.chance.weighed(habits) : "does";
  }

  /** The target does it. */
  #act(attempt: Attempt, is_long: boolean, takes_ms: number): Job {
    const { world } = this.#cast();
    this.#asked += 1;
    const done_at = world.now + takes_ms;
    const job = { handle: `job-${this.#asked}`, is_long, done_at, is_good: !is_long || world.chance.likely(0.7) };
    this.#jobs.set(job.handle, job);
    this.#jobs.set(idempotencyKey(attempt.run), job);
    return job;
  }

  #look(handle: string): Outcome {
    const { world, scene } = this.#cast();
    const job = this.#jobs.get(handle);
    if (job === undefined) throw new Error(`there is no job ${handle}`);
    if (world.chance.likely(scene.weather.trouble / 4)) {
      world.count("target: look fails");
      return world.chance.pick<Outcome>([
        { kind: "unclear", reason: "the target answered nothing" },
        { kind: "later", reason: "the target answered 429" },
      ]);
    }
    return this.#standing(job);
  }

  /** How it stands with a job, as the target tells it. */
  #standing({ handle, is_long, done_at, is_good }: Job): Outcome {
    const { world } = this.#cast();
    if (!is_long) return SUCCEEDED;
    if (done_at <= world.now) return is_good ? SUCCEEDED : { kind: "failed", reason: "the job failed" };
    const left_ms = done_at - world.now;
    const after_ms = left_ms > 60 * MINUTE_MS ? LOOK_SELDOM_MS : left_ms > 5 * MINUTE_MS ? 5 * MINUTE_MS : undefined;
    return {
      kind: "waiting",
      handle,
      after_ms,
      summary: `${handle} goes on`,
      links: [`https://target.example/${handle}`],
    };
  }
}

const SUCCEEDED: Outcome = { kind: "succeeded", summary: "done", values: { done: true } };

function idempotencyKey(run: Run): string {
  return run.round === 0 ? runId(run) : `${runId(run)}#${run.round + 1}`;
}
