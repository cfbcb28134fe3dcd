// Flashduty's API, and what the Workers ask it: how an incident stands, whose key it is, and to add a comment.
import { runId } from "../../src/domain/event.ts";
import type { Outcome, Run } from "../../src/domain/run.ts";
import type { Cast } from "./history.ts";
import type { SceneAction } from "./scene.ts";
import type { Process } from "./world.ts";

const ASK_AGAIN_MS = 15_000;
/** A comment that was cut off may still take effect. */
const TAKES_EFFECT_WITHIN_MS = 20_000;
/** It is in trouble less often than targets are. */
const TROUBLE_PART = 0.3;

interface Asking {
  answer_by: number;
  give_up_at: number;
}

export class Flashduty {
  readonly #cast: () => Cast;
  readonly #progress = new Map<string, string>();
  readonly #comments = new Set<string>();
  #is_own_id_known: boolean | null = null;

  constructor(cast: () => Cast) {
    this.#cast = cast;
  }

  /** The incident is as the event shows it. */
  becomes(incident_id: string, progress: string): void {
    this.#progress.set(incident_id, progress);
  }

  /** Who the receiver is, as far as the Workers know by now. */
  ownIdNow(): string {
    const { world, scene } = this.#cast();
    this.#is_own_id_known ??= scene.tells !== null && world.chance.likely(0.6);
    return this.#is_own_id_known ? scene.own.person_id : "";
  }

  *causedByItself(run: Run, action: SceneAction, asking: Asking): Process<Outcome | null> {
    const { scene, world } = this.#cast();
    if (run.by !== "rule" || run.person_id === "" || scene.tells === null) return null;
    if (!this.#is_own_id_known && !(yield* this.#answers(asking))) return unanswered(action);
    this.#is_own_id_known = true;
    if (run.person_id !== scene.own.person_id) return null;
    world.count("skipped: caused by the receiver itself");
    return { kind: "skipped", reason: "it was the receiver itself that did this" };
  }

  *stillWanted(run: Run, action: SceneAction, asking: Asking): Process<Outcome | null> {
    const { scene, world } = this.#cast();
    if (scene.tells === null || action.demands === "nothing") return null;
    if (!(yield* this.#answers(asking))) {
      world.count(`live check: no answer, ${action.unanswered}`);
      return unanswered(action);
    }
    if (this.#progress.get(run.incident_id) !== "Closed") return null;
    world.count("skipped: the incident is closed");
    return { kind: "skipped", reason: "the incident is closed" };
  }

  /** Adds the comment of a report. */
  *report(run: Run, until: number): Process<Outcome> {
    const { world, scene } = this.#cast();
    const { chance } = world;
    const name = runId(run);
    if (run.may_have_acted) {
      const left_ms = (run.unclear_at ?? 0) + TAKES_EFFECT_WITHIN_MS - world.now;
      if (left_ms > 0) return { kind: "held", reason: "the comment may be there in a moment", after_ms: left_ms };
      if (this.#comments.has(name)) return { kind: "succeeded", summary: "the comment was there already" };
    }
    if (!chance.likely(scene.weather.trouble * TROUBLE_PART)) {
      yield chance.pick(scene.weather.ways_ms);
      this.#comments.add(name);
      return { kind: "succeeded", summary: "commented" };
    }
    world.count("report: fails at first");
    if (chance.likely(0.5)) return { kind: "later", reason: "Flashduty answered 429" };
    if (chance.likely(0.5)) this.#comments.add(name);
    yield Math.max(until - world.now, 0);
    return { kind: "unclear", reason: "Flashduty did not answer" };
  }

  /** Whether it answers in time. */
  *#answers({ answer_by, give_up_at }: Asking): Process<boolean> {
    const { world, scene } = this.#cast();
    const way_ms = 2 * world.chance.pick(scene.weather.ways_ms);
    if (world.chance.likely(scene.weather.trouble * TROUBLE_PART)) {
      yield Math.max(give_up_at - world.now, 0);
      return false;
    }
    const left_ms = Math.max(answer_by - world.now, 0);
    yield Math.min(way_ms, left_ms);
    return way_ms < left_ms;
  }
}

function unanswered({ unanswered: wants }: SceneAction): Outcome | null {
  if (wants === "go_on") return null;
  return { kind: "held", reason: "whether the incident is still open is not known", after_ms: ASK_AGAIN_MS };
}
