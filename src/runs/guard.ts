// The guards' object: one for all actions, so that what holds for a host holds in whichever incident it is pressed. It is
// told by nobody that a run has ended, but looks for itself: what it is told may get lost, and incidents know.
import { DurableObject } from "cloudflare:workers";
import { within } from "../deadline.ts";
import { parseRunId } from "../domain/event.ts";
import { type Breaker, type Candidate, type Decision, REMEMBERED_MS, type Stop } from "../domain/guard.ts";
import type { Start } from "../domain/start.ts";
import { actionNamed } from "../domain/playbook.ts";
import { wordsOf } from "../domain/thrown.ts";
import { Alarm } from "../incident/alarm.ts";
import { incidentOf } from "../incident/stub.ts";
import { aboutRun, log } from "../log.ts";
import { playbook } from "../playbook.ts";
import { Gate, type SwitchChange } from "./gate.ts";
import { GuardTable, type Looked, type Ruling } from "./guard-table.ts";

/** What is stopped, which breakers are open, and how it came to that, the newest first. */
export interface Switches {
  stops: Stop[];
  breakers: (Breaker & { action: string })[];
  rulings: Ruling[];
}

const MOST_RULINGS_SHOWN = 100;
const LOOK_WITHIN_MS = 2_000;
const MOST_LOOKED_AT = 20;
const ALARM_AGAIN_MS = 30_000;
/** Where an incident does not answer. */
const LOOK_AGAIN_MS = 60_000;

export class Guard extends DurableObject<Env> {
  readonly #table = new GuardTable(this.ctx.storage.sql);
  readonly #alarm = new Alarm(this.ctx.storage);
  readonly #gate = new Gate(this.#table, (action) => actionNamed(playbook, action)?.guards ?? {});

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.read();
      this.ctx.storage.transactionSync(() => this.#table.prepare());
      this.#alarm.restore(this.#table.nextLookAt(), Date.now());
    });
  }

  /** Decides whether a run may start now, and remembers that it does. The same run may ask again. */
  async admit(candidate: Candidate): Promise<Decision> {
    const first = this.#transaction((now) => this.#gate.admit(candidate, now));
    if (first.kind !== "skip" || first.guard !== "at_once") return first;
    // What seems to go on may have ended without a word.
    await this.#look(inTheWay(candidate, this.#table.starts(candidate.action)));
    return this.#transaction((now) => this.#gate.admit(candidate, now));
  }

  /** The run of this start may have ended. */
  async look(start_id: string): Promise<void> {
    const known = this.#table.start(start_id);
    if (known !== null) await this.#look([known.start]);
  }

  async #look(starts: readonly { start_id: string; run_id: string }[]): Promise<void> {
    await Promise.all(starts.map(async ({ start_id, run_id }) => this.#lookAt(start_id, run_id)));
  }

  /** Where the incident does not answer, it is asked again later. */
  async #lookAt(start_id: string, run_id: string): Promise<void> {
    const ref = parseRunId(run_id);
    try {
      const asked = ref === null ? null : incidentOf(this.env, ref.incident_id).showRun(ref);
      const run = asked === null ? null : await within(LOOK_WITHIN_MS, "the incident", Promise.resolve(asked));
      this.#transaction((now) => {
        const known: Looked | null = this.#table.start(start_id);
        if (known !== null && known.start.free_at === null) this.#gate.looked(known, run, now);
      });
    } catch (error) {
      log("look.failed", { ...(ref !== null && aboutRun(ref)), start_id, error: wordsOf(error) });
      // Others have their turn first.
      this.#transaction((now) => this.#table.putOff(start_id, now + LOOK_AGAIN_MS));
    }
  }

  switches(): Switches {
    return {
      stops: this.#table.allStops(),
      breakers: this.#table.breakers(),
      rulings: this.#table.rulings(MOST_RULINGS_SHOWN),
    };
  }

  /** Carries out a person's word; the switches as they are afterwards. */
  change(change: SwitchChange): Switches {
    this.#transaction((now) => this.#gate.change(change, now));
    return this.switches();
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      const due = this.#table.dueStarts(Date.now());
      await this.#look(due.map(({ start }) => start));
      this.#transaction((now) => this.#table.forgetBefore(now - REMEMBERED_MS));
      // Of those that could not be asked, the time has not moved.
      const next_at = this.#table.nextLookAt();
      if (next_at !== null) this.#alarm.wakeBy(Math.max(next_at, Date.now() + ALARM_AGAIN_MS), Date.now());
    } catch (error) {
      log("alarm.failed", { object: "guard", error: wordsOf(error) });
      this.#alarm.wakeBy(Date.now() + ALARM_AGAIN_MS, Date.now());
    }
  }

  #transaction<T>(work: (now: number) => T): T {
    const now = Date.now();
    return this.#alarm.rollingBack(() =>
      this.ctx.storage.transactionSync(() => {
        const done = work(now);
        const next_at = this.#table.nextLookAt();
        if (next_at !== null) this.#alarm.wakeBy(next_at, now);
        return done;
      }),
    );
  }
}

/** What may have ended without a word, and is looked at: on the same key first, and not all that there is. */
function inTheWay({ key }: Candidate, starts: readonly Start[]): Start[] {
  return starts
    .filter(({ free_at }) => free_at === null)
    .toSorted((one, other) => Number(other.key === key) - Number(one.key === key))
    .slice(0, MOST_LOOKED_AT);
}
