// Promise 4 of the design, against an adversary: whatever is lost, repeated, late or crashed, two attempts of a run
// never overlap, a run that is to be started once is started once, a run that is not repeatable is never started again
// after an unclear start, nothing starts without the consent it needs or later than anybody expects it, every run comes to
// its end, and its trail only grows.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEASE_MARGIN_MS } from "../../src/domain/lease.ts";
import { type Happening, type Outcome, planned, type Policy, type Run } from "../../src/domain/run.ts";
import { MOST_WAITING_MS } from "../../src/domain/settle.ts";
import { type Entry, MOST_ABOUT_ONE, type Note } from "../../src/domain/trail.ts";
import { isHeldBy, next } from "../../src/domain/transitions.ts";
import { CONSENT, ENDED, FAILED, HELD, HOUR_MS, LATER, NOT_SENT, runOf, SKIPPED, SUCCEEDED, UNCLEAR } from "./runs.ts";

/** What the adversary does next. */
type Step =
  | { kind: "time"; ms: number }
  | { kind: "alarm"; is_early: boolean; late_ms: number; lost: boolean }
  | { kind: "message"; stays: boolean; way_ms: number; has_sent: boolean }
  /** A message that finds another run under way, which goes first. */
  | { kind: "busy"; stays: boolean; after_ms: number; reason: string }
  | { kind: "ask_again"; which: number; way_ms: number; has_sent: boolean }
  | { kind: "settle"; which: number; outcome: Outcome }
  | { kind: "forge"; fence: number; outcome: Outcome }
  | { kind: "crash"; which: number }
  | { kind: "cancel" }
  | { kind: "approve" }
  | { kind: "refuse" }
  | { kind: "retry"; overriding: boolean }
  /** The run of the action that comes first has ended. */
  | { kind: "wake" };

/** One attempt: from its claim to its end, at the latest when its time is up. */
interface Attempt {
  fence: number;
  claimed_at: number;
  over_at: number;
  claimant: string;
  /** Whether it called the target. One that did not can say so, and one that did cannot say that it did not. */
  has_sent: boolean;
  is_start: boolean;
  /** What it told, where that counted. */
  told: Outcome["kind"] | null;
}

const outcome = fc.oneof(
  fc.constantFrom<Outcome>(SUCCEEDED, FAILED, SKIPPED, LATER, UNCLEAR, NOT_SENT),
  fc.record({ kind: fc.constant("held" as const), reason: fc.constant("busy"), after_ms: fc.nat(7_200_000) }),
  fc.record({
    kind: fc.constant("later" as const),
    reason: fc.constant("busy"),
    after_ms: fc.double({ min: 0, max: 7_200_000, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("waiting" as const),
    handle: fc.constant("job-7"),
    after_ms: fc.option(fc.double({ min: -1, max: 90_000_000, noNaN: true }), { nil: undefined }),
    summary: fc.constant("still at it"),
  }),
);
const delay = fc.oneof(fc.nat(500), fc.nat(20_000), fc.nat(1_200_000), fc.nat(100_000_000));
const which = fc.nat(30);
// The way of the claim's answer: the attempt begins its time limit by so much later than the incident.
const way_ms = fc.oneof(fc.constant(0), fc.nat(LEASE_MARGIN_MS));
const has_sent = fc.nat(3).map((chance) => chance > 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: delay }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("alarm" as const),
      // The alarm rings for other runs of the incident as well.
      is_early: fc.boolean(),
      late_ms: fc.oneof(fc.constant(0), fc.nat(3_000), delay),
      lost: fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("message" as const), stays: fc.boolean(), way_ms, has_sent }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("busy" as const),
      stays: fc.boolean(),
      after_ms: fc.nat(600_000),
      reason: fc.constantFrom("another run is under way", 'waits for "enrich"'),
    }),
  },
  // A claimant that has not heard asks again, at any time.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("ask_again" as const), which, way_ms, has_sent }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("settle" as const), which, outcome }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("forge" as const), fence: fc.integer({ min: -1, max: 12 }), outcome }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), which }) },
  // A person who cancels a run and starts it over at once, while its attempt still goes on.
  {
    weight: 3,
    arbitrary: fc.constantFrom<Step>(
      { kind: "cancel" },
      { kind: "approve" },
      { kind: "refuse" },
      { kind: "retry", overriding: false },
      { kind: "retry", overriding: true },
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "wake" }) },
);
const steps = fc.array(step, { maxLength: 80, size: "max" });

const policy: fc.Arbitrary<Policy> = fc.record({
  once: fc.boolean(),
  repeatable: fc.boolean(),
  attempts: fc.integer({ min: 1, max: 6 }),
  time_limit_ms: fc.integer({ min: 1, max: 25_000 }),
  max_age_ms: fc.oneof(
    { weight: 2, arbitrary: fc.oneof(fc.nat(60_000), fc.nat(2 * HOUR_MS)).map((ms) => ms + 1) },
    { weight: 4, arbitrary: fc.constantFrom(HOUR_MS, 12 * HOUR_MS, 72 * HOUR_MS, 720 * HOUR_MS) },
  ),
  dry_run: fc.boolean(),
});
const begun: fc.Arbitrary<Run> = fc
  .tuple(policy, fc.constantFrom(null, null, null, CONSENT), fc.constantFrom("", "", "", "enrich"))
  .map(([policy, approval, after]) => planned({ ...runOf({ by: "rule", policy }), approval, after }, 0));
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Cheaper than `expect`, a million times over, and it says which promise was broken. */
function hold(promise: string, is_kept: boolean): void {
  if (!is_kept) throw new Error(`broken: ${promise}`);
}

/** The run, the queue and the attempts, with a clock that only goes forward. */
class World {
  run: Run;
  now = 0;
  /** Messages under way; a queue may deliver each more than once. */
  messages = 0;
  attempts: Attempt[] = [];
  /** States in which an outcome came late, and counted. */
  readonly settled_late = new Set<Run["state"]>();
  /** How often the run was held. */
  held = 0;
  /** How often it gave way to another. */
  gave_way = 0;
  /** States from which it ended because it had been asked for too long ago, and those in which it ended by that. */
  readonly too_old = new Set<string>();
  /** How often it was woken from waiting for another. */
  woken = 0;
  /** Whether an attempt was unclear, since the run was planned or started over. */
  #was_unclear = false;
  /** When it was asked for: it was planned, approved or started over. */
  #asked_at = 0;
  #claimants = 0;
  readonly #chance: number;

  constructor(run: Run, chance: number) {
    this.run = run;
    this.#chance = chance;
  }

  /** Lets something happen, and holds the machine to what must be true after anything. */
  happen(happened: Happening): { before: Run; after: Run } {
    const before = this.run;
    const after = next(before, happened, { now: this.now, chance: this.#chance });
    this.run = after;
    const has_ended = ENDED.some((state) => state === after.state);
    hold("a run is due exactly until its end", (after.due_at === null) === has_ended);
    hold("a run has ended exactly in a state of its end", (after.ended_at !== null) === has_ended);
    hold("what was started is waited for, and not planned again", after.state !== "planned" || after.handle === null);
    hold("nothing is waited for that was not started", after.state !== "waiting" || after.handle !== null);
    hold("a run is due at a whole millisecond: its column takes no other", Number.isInteger(after.due_at ?? 0));
    hold("no fence is ever lower", after.fence >= before.fence);
    const comes_back = before.ended_at !== null && after !== before;
    hold("a round begins where a run comes back from its end", after.round === before.round + (comes_back ? 1 : 0));
    const is_late = happened.kind === "settled" && countsLate(before, happened, this.now);
    const may_move = before.ended_at === null || happened.kind === "retried" || is_late;
    hold(
      "a run that has ended is moved by a person, or by a late word of what is unknown",
      may_move || after === before,
    );
    if (happened.kind === "settled" && before.state !== "running")
      hold("a late outcome counts exactly where it is sure and of the newest fence", is_late === (after !== before));
    if (is_late) this.settled_late.add(before.state);
    if (after !== before && (happened.kind === "approved" || happened.kind === "retried")) this.#asked_at = this.now;
    if (after !== before && happened.kind === "woken") this.woken += 1;
    this.#holdToTheTrail(before, happened, after);
    this.#holdToBeingHeld(before, happened, after);
    this.#holdToWhatIsUnclear(before, happened, after);
    return { before, after };
  }

  /** What is written stays as it is; what is added is of now, and says who did it, and how the run ended. */
  #holdToTheTrail(before: Run, happened: Happening, after: Run): void {
    const added = after.trail.slice(before.trail.length);
    const is_there = before.trail.every((entry, at) => after.trail[at] === entry);
    hold("the trail only grows", is_there && after.trail.length >= before.trail.length);
    const is_of_now = added.every(({ at }) => at === this.now);
    hold("what is added to the trail is of now", is_of_now);
    if (after === before) return;
    const ends = after.ended_at !== null ? [`state by : ${after.state}: ${after.reason}`] : [];
    const told = [
      ...toldOf(happened, before, after)
        .filter(({ what }) => hasRoom(before, what))
        .map(said),
      ...ends,
    ];
    const is_told = told.every((one) => added.map(said).includes(one));
    hold("the trail says what was done, by whom, and how the run ended", is_told);
  }

  /** Nobody expects it any more: the rule of the design, written a second time. */
  isTooOld({ handle, policy }: Run): boolean {
    return handle === null && this.now - this.#asked_at >= policy.max_age_ms;
  }

  /** Nothing was tried: that is no failure, and tells nothing of what was started. */
  #holdToBeingHeld(before: Run, happened: Happening, after: Run): void {
    const is_held = happened.kind === "settled" && happened.outcome.kind === "held";
    if (happened.kind === "settled" && !is_held && after !== before)
      hold("what is told of an attempt ends the times in a row", after.held_since === null);
    if ((!is_held && happened.kind !== "held") || after === before) return;
    const is_same = (["failures", "may_have_acted", "unclear_at", "handle", "fence", "round"] as const).every(
      (name) => before[name] === after[name],
    );
    hold("being held is no failure, and no attempt", is_same);
    const state = before.handle === null ? "planned" : "waiting";
    if (happened.kind === "held") {
      this.gave_way += 1;
      hold("a run gives way for as long as it takes", after.ended_at === null && after.state === state);
      hold("giving way ends the times in a row, and is none of them", after.held_since === null);
      return;
    }
    this.held += 1;
    const since = before.held_since ?? this.now;
    const is_long = this.isTooOld(before) || this.now - since > MOST_WAITING_MS;
    hold("what is held comes again, until its time is up", is_long ? after.ended_at !== null : after.state === state);
    if (is_long) return;
    hold("it is known since when it is held", after.held_since === since);
    const has_begun = before.handle !== null || before.failures > 0;
    hold("nothing has begun by being held", after.started_at === (has_begun ? before.started_at : null));
  }

  /** Giving up must not claim that nothing was done where something may have been. */
  #holdToWhatIsUnclear(before: Run, happened: Happening, after: Run): void {
    if (happened.kind === "retried" && after !== before) this.#was_unclear = false;
    // The newest attempt speaks for itself, however late.
    // A late word speaks for its own attempt: where there were failures before it, these stay open.
    const is_late = happened.kind === "settled" && after !== before && before.state !== "running";
    if (is_late && before.failures <= 1) this.#was_unclear = false;
    if (after === before || before.ended_at !== null) return;
    const is_unclear = happened.kind === "settled" ? happened.outcome.kind === "unclear" : happened.kind === "due";
    if (before.state === "running" && is_unclear) {
      this.#was_unclear = true;
      const is_dated = after.unclear_at === this.now || !after.may_have_acted;
      hold("it is known when it was unclear", is_dated);
    }
    if (after.ended_at === null) return;
    const kind = happened.kind === "settled" ? happened.outcome.kind : null;
    if (kind === "failed" || kind === "skipped") {
      const is_sure = !this.#was_unclear || before.handle !== null;
      hold("who did nothing does not speak for who may have", after.state === (is_sure ? kind : "unknown"));
      return;
    }
    const is_again = kind !== null && ["later", "not_sent", "unclear", "held"].includes(kind);
    const is_unsent = ["due", "claimed"].includes(happened.kind) && before.state !== "awaiting_approval";
    if (!is_unsent && !is_again) return;
    const may_have_acted = this.#was_unclear || before.handle !== null;
    const is_too_old = this.isTooOld(before) && (before.state !== "running" || kind === "held");
    if (is_too_old) this.too_old.add(before.state).add(after.state);
    const undone = is_too_old ? "skipped" : "failed";
    hold("who gives up says what may have been done", after.state === (may_have_acted ? "unknown" : undone));
  }

  alarm(lost: boolean): void {
    const { before, after } = this.happen({ kind: "due" });
    if (before !== after && after.state === "dispatched" && !lost) this.messages += 1;
  }

  claim(way_ms: number, has_sent: boolean, claimant = this.newClaimant()): Attempt | null {
    const { before, after } = this.happen({ kind: "claimed", claimant });
    if (after.state !== "running" || before === after) {
      hold("what is not handed out has ended or stays", before === after || after.ended_at !== null);
      const newest = this.attempts.at(-1);
      const is_same = after.state === "running" && newest?.claimant === claimant && newest.fence === after.fence;
      hold("a claim is granted again to its own claimant, and to nobody else", isHeldBy(after, claimant) === is_same);
      return null;
    }
    hold("a claim is handed out under a fence of its own", after.fence === before.fence + 1);
    hold("who was handed the claim holds it", isHeldBy(after, claimant));
    hold("no two attempts overlap", !this.isBusy);
    hold("what nobody expects any more is not started", !this.isTooOld(before));
    hold("what needs consent is not started without", before.approval === null || before.approved_by !== "");
    const over_at = this.now + after.policy.time_limit_ms + way_ms;
    const is_start = has_sent && before.handle === null;
    const earlier = this.attempts.filter(({ is_start }) => is_start);
    // It is known of an earlier start that nothing came of it exactly where it said so, and was heard.
    const is_clear = earlier.every(({ told }) => told === "later");
    hold("an unclear start is not repeated", is_clear || !is_start || after.policy.repeatable);
    hold("what is to be started once is started once", earlier.length === 0 || !is_start || !after.policy.once);
    const attempt = { fence: after.fence, claimed_at: this.now, over_at, claimant, has_sent, is_start, told: null };
    this.attempts.push(attempt);
    return attempt;
  }

  /** The attempt tells what it came to: it is over then, at the latest; its word may come later still. */
  settle(attempt: Attempt, outcome: Outcome): void {
    attempt.over_at = Math.min(attempt.over_at, this.now);
    const said = honest(attempt, outcome);
    const notes: Note[] = attempt.has_sent ? [{ what: "sent", text: `by attempt ${attempt.fence}` }] : [];
    const { before, after } = this.happen({ kind: "settled", fence: attempt.fence, outcome: said, notes });
    if (before !== after) attempt.told = said.kind;
  }

  newClaimant(): string {
    this.#claimants += 1;
    return `claimant-${this.#claimants}`;
  }

  get isBusy(): boolean {
    return this.attempts.some(({ over_at }) => over_at > this.now);
  }
}

/** What an attempt can say: not that it sent nothing where it did, nor what only the target can tell where it sent nothing. */
function honest({ has_sent, is_start }: Attempt, outcome: Outcome): Outcome {
  const { kind } = outcome;
  if (has_sent) return kind === "not_sent" || (kind === "held" && is_start) ? UNCLEAR : outcome;
  return kind === "failed" || kind === "skipped" || kind === "held" ? outcome : NOT_SENT;
}

/** Whether more is written about this. */
function hasRoom({ trail }: Run, about: Entry["what"]): boolean {
  return trail.filter(({ what }) => what === about).length < MOST_ABOUT_ONE;
}

function said({ what, by = "", text }: Note): string {
  return `${what} by ${by}: ${text}`;
}

/** What of a change belongs in the trail, beside how the run ended. */
function toldOf(happened: Happening, before: Run, after: Run): readonly Note[] {
  switch (happened.kind) {
    case "approved":
      return [{ what: "approved", by: happened.by, text: "" }];
    case "approval_refused":
      return [{ what: "approval_refused", by: happened.by, text: happened.reason }];
    case "cancelled":
      return [{ what: "cancelled", by: happened.by ?? "", text: happened.reason }];
    case "retried":
      return [{ what: "retried", by: happened.by, text: happened.overriding ? "in spite of the guards" : "" }];
    case "claimed":
      return after.state === "running" && before.handle === null
        ? [{ what: "claimed", text: `attempt ${after.fence}` }]
        : [];
    case "settled":
      return happened.notes ?? [];
    case "due":
    case "held":
    case "woken":
      return [];
  }
}

/** Whether an outcome counts though no attempt is under way: the rule of the design, written a second time. */
function countsLate(run: Run, { fence, outcome }: Happening<"settled">, now: number): boolean {
  const is_open_for_it = ["planned", "dispatched", "unknown"].includes(run.state);
  const is_in_time = outcome.kind !== "waiting" || now - (run.ended_at ?? now) <= 60_000;
  const is_sure = ["succeeded", "failed", "waiting"].includes(outcome.kind);
  return is_open_for_it && fence === run.fence && is_sure && is_in_time;
}

function take(world: World, step: Step): void {
  const chosen = (which: number) => world.attempts[which % Math.max(world.attempts.length, 1)];
  switch (step.kind) {
    case "time":
      world.now += step.ms;
      return;
    case "alarm":
      if (!step.is_early) world.now = Math.max(world.now, world.run.due_at ?? 0) + step.late_ms;
      world.alarm(step.lost);
      return;
    case "message":
      if (world.messages === 0) return;
      if (!step.stays) world.messages -= 1;
      world.claim(step.way_ms, step.has_sent);
      return;
    case "busy":
      if (world.messages === 0) return;
      if (!step.stays) world.messages -= 1;
      world.happen({ kind: "held", reason: step.reason, after_ms: step.after_ms });
      return;
    case "ask_again": {
      const attempt = chosen(step.which);
      if (attempt !== undefined) world.claim(step.way_ms, step.has_sent, attempt.claimant);
      return;
    }
    case "settle": {
      const attempt = chosen(step.which);
      if (attempt !== undefined) world.settle(attempt, step.outcome);
      return;
    }
    case "forge": {
      const { before, after } = world.happen({
        kind: "settled",
        fence: step.fence === world.run.fence ? step.fence + 1 : step.fence,
        outcome: step.outcome,
      });
      hold("only the newest fence settles a run", after === before);
      return;
    }
    case "crash": {
      const attempt = chosen(step.which);
      if (attempt !== undefined) attempt.over_at = Math.min(attempt.over_at, world.now);
      return;
    }
    case "cancel":
      world.happen({ kind: "cancelled", by: "wangwu", reason: "not needed any more" });
      return;
    case "approve":
      world.happen({ kind: "approved", by: "wangwu" });
      return;
    case "refuse":
      world.happen({ kind: "approval_refused", by: "lisi", reason: "somebody else is to approve it" });
      return;
    case "wake":
      world.happen({ kind: "woken" });
      return;
    case "retry": {
      const { before, after } = world.happen({ kind: "retried", by: "wangwu", overriding: step.overriding });
      // A person starts over: what was started before does not count against `once`, nor against what is not repeatable.
      if (before !== after) for (const attempt of world.attempts) attempt.is_start = false;
    }
  }
}

function played(run: Run, steps: readonly Step[], chance: number): World {
  const world = new World(run, chance);
  for (const step of steps) take(world, step);
  return world;
}

/** Only the alarm still fires, on time; every message arrives, and every attempt comes to `outcome`; null: none arrives. */
function stepsToTheEnd(world: World, outcome: Outcome | "crash" | null): number {
  let count = 0;
  while (world.run.due_at !== null && count < 2_000) {
    world.now = Math.max(world.now, world.run.due_at);
    world.alarm(outcome === null);
    const has_sent = outcome === "crash" || !["not_sent", "held"].includes(outcome?.kind ?? "");
    const attempt = outcome === null ? null : world.claim(0, has_sent);
    if (attempt !== null && outcome !== null && outcome !== "crash") world.settle(attempt, outcome);
    count += 1;
  }
  return count;
}

const thousands = { numRuns: 10_000 };

describe("no sequence of claims, settlements, crashes, lost and repeated messages", () => {
  it("makes two attempts overlap, starts a `once` run twice, starts what nobody approved or expects any more, lowers a fence, moves a run that has ended, or changes what is written of it", () => {
    fc.assert(
      fc.property(begun, steps, chance, (run, steps, chance) => {
        played(run, steps, chance);
      }),
      thousands,
    );
  });

  it.each<[string, Outcome | "crash" | null, number]>([
    ["no message ever arrives", null, 20],
    ["every attempt crashes", "crash", 80],
    ["every outcome is unclear", UNCLEAR, 80],
    ["the target always says not now", LATER, 80],
    ["nothing is ever sent", NOT_SENT, 80],
    ["the target always says no", FAILED, 3],
    ["the target always does it", SUCCEEDED, 3],
    [
      "the job never ends, and does not say when to look",
      { kind: "waiting", handle: "job-7", summary: "at it" },
      1_700,
    ],
    ["the job never ends", { kind: "waiting", handle: "job-7", after_ms: 600_000, summary: "still at it" }, 150],
  ])("leaves a run without an end, where from then on %s", (_, outcome, most) => {
    const property = fc.property(begun, steps, chance, (run, steps, chance) => {
      const world = played(run, steps, chance);
      expect(stepsToTheEnd(world, outcome)).toBeLessThanOrEqual(most);
      expect(world.run.ended_at).not.toBeNull();
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  const not_now: Outcome = { ...HELD, after_ms: 600_000 };
  const heldToTheEnd = (run: Run, steps: readonly Step[], chance: number) => {
    const world = played(run, steps, chance);
    const was_started = world.run.handle !== null;
    return { was_started, count: stepsToTheEnd(world, not_now), ended_at: world.run.ended_at };
  };

  it("leaves a run without an end, where from then on it is never the time to start it", () => {
    const property = fc.property(begun, steps, chance, (run, steps, chance) => {
      const { was_started, count, ended_at } = heldToTheEnd(run, steps, chance);
      fc.pre(!was_started);
      expect(count).toBeLessThanOrEqual(200);
      expect(ended_at).not.toBeNull();
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("leaves a run without an end, where from then on it is never the time to look at its job", () => {
    const worlds = fc.sample(fc.tuple(begun, steps, chance), { numRuns: 500, seed: 7 });
    const ends = worlds.map((one) => heldToTheEnd(...one)).filter(({ was_started }) => was_started);
    expect(ends.length).toBeGreaterThan(0);
    for (const { ended_at } of ends) expect(ended_at).not.toBeNull();
  });
});

const startsOf = ({ attempts }: World) => attempts.filter(({ is_start }) => is_start);

describe("the adversary", () => {
  it("reaches every state and several attempts of one run: what it does not find, it has looked for", () => {
    const worlds = fc.sample(fc.tuple(begun, steps, chance), { numRuns: 5_000, seed: 7 }).map((one) => played(...one));
    expect(new Set(worlds.map(({ run }) => run.state))).toEqual(
      new Set(["awaiting_approval", "planned", "dispatched", "running", "waiting", ...ENDED]),
    );
    expect(Math.max(...worlds.map(({ attempts }) => attempts.length))).toBeGreaterThan(4);
    expect(new Set(worlds.flatMap(({ settled_late }) => [...settled_late]))).toEqual(
      new Set(["planned", "dispatched", "unknown"]),
    );
    const onces = worlds.filter(({ run }) => run.policy.once);
    expect(onces.some(({ attempts }) => attempts.some(({ has_sent }) => !has_sent))).toBe(true);
    expect(onces.some(({ attempts }) => attempts.filter(({ is_start }) => is_start).length === 1)).toBe(true);
    expect(worlds.filter(({ held }) => held > 0).length).toBeGreaterThan(50);
    expect(worlds.filter(({ gave_way }) => gave_way > 0).length).toBeGreaterThan(100);
    expect(worlds.filter(({ woken }) => woken > 0).length).toBeGreaterThan(20);
    expect(new Set(worlds.flatMap(({ too_old }) => [...too_old]))).toEqual(
      new Set(["planned", "dispatched", "running", "skipped", "unknown"]),
    );
    expect(worlds.some(({ run }) => run.approved_by !== "" && run.fence > 0)).toBe(true);
    expect(worlds.some(({ run }) => run.trail.some(({ what }) => what === "approval_refused"))).toBe(true);
    expect(worlds.some(({ run }) => run.state === "unknown" && run.reason.endsWith("may have done it"))).toBe(true);
    expect(worlds.some(({ run }) => run.round > 0 && run.fence > 0)).toBe(true);
    const unrepeatable = worlds.filter(({ run }) => !run.policy.repeatable && !run.policy.once);
    expect(unrepeatable.some((world) => startsOf(world).length > 1)).toBe(true);
    expect(unrepeatable.some((world) => startsOf(world).some(({ told }) => told === "unclear"))).toBe(true);
    expect(unrepeatable.some((world) => startsOf(world).some(({ told }) => told === null))).toBe(true);
  });
});
