// The people of a history: what happens to their incidents, what they press, and what they do about what they are told.
import { runId } from "../../src/domain/event.ts";
import { isReport } from "../../src/domain/report.ts";
import type { Run } from "../../src/domain/run.ts";
import type { Incident, Push } from "../../src/flashduty/push.ts";
import type { Ruling } from "../../src/incident/desk.ts";
import type { SwitchChange } from "../../src/runs/gate.ts";
import type { Happened } from "./fact.ts";
import type { Cast } from "./history.ts";
import { ask, wayMs } from "./network.ts";
import type { Person } from "./scene.ts";
import { Machine, type Process } from "./world.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Between two things that happen to an incident. */
const PAUSES_MS = [0, 500, 3_000, 10_000, 20_000, 60_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 3 * 60 * MINUTE_MS] as const;
/** Until somebody does something about what was told. */
const THINKS_MS = [1_000, 5_000, 10_000, 20_000, 60_000, 5 * MINUTE_MS] as const;
const AGAIN_MS = [0, 1_000, 8_000, 60_000, 10 * MINUTE_MS] as const;
/** A sender that is not answered in time repeats itself so often. */
const MOST_SENDS = 4;
/** What people do about what they see, in one history; some time they go to bed. */
const MOST_REACTIONS = 14;
/** More than rules may call for. */
const STORM = 36;

/** The progress that an event brings. */
const PROGRESS: Readonly<Record<string, string>> = {
  i_new: "Triggered",
  i_ack: "Processing",
  i_rslv: "Closed",
  i_reopen: "Triggered",
};

export class People {
  readonly #cast: () => Cast;
  readonly #sender = new Machine("Flashduty", 0);
  readonly #progress = new Map<string, string>();
  #events = 0;
  #reactions = 0;

  constructor(cast: () => Cast) {
    this.#cast = cast;
  }

  /** Everything that happens by itself. */
  begin(): void {
    const { world, scene } = this.#cast();
    for (const { incident_id } of scene.incidents) {
      const life = () => world.start(this.#life(incident_id), this.#sender);
      world.after(world.chance.pick([0, 0, 3_000, 60_000]), life);
    }
    if (world.chance.likely(0.25)) world.after(world.chance.pick(PAUSES_MS), () => this.#stop());
    if (world.chance.likely(0.25)) world.after(world.chance.pick(PAUSES_MS), () => this.#ruleAny());
  }

  /** What happens to an incident. */
  *#life(incident_id: string): Process {
    const { world } = this.#cast();
    const { chance } = world;
    this.#happen(incident_id, "i_new", null, "");
    const stormy = chance.any(this.#cast().scene.rules)?.on[0];
    const is_storm = stormy !== undefined && chance.likely(0.004);
    const count = is_storm ? STORM : chance.below(6);
    for (let nr = 0; nr < count; nr += 1) {
      yield is_storm ? 5_000 : chance.pick(PAUSES_MS);
      const what = chance.weighed({ i_custom: 6, i_rslv: 2, i_reopen: 2, i_ack: 1, i_comm: 1, approve: 0.5 });
      if (is_storm) this.#happen(incident_id, stormy, this.#anybody(), "");
      else if (what === "i_custom") this.#press(incident_id, this.#anybody(), this.#anyAction());
      else if (what === "approve") this.#press(incident_id, this.#anybody(), "approve");
      else this.#happen(incident_id, what, chance.likely(0.2) ? this.#cast().scene.own : this.#anybody(), "");
    }
  }

  #press(incident_id: string, person: Person | null, button: string): void {
    const { world } = this.#cast();
    const params: Record<string, string> =
      button === "approve" ? (world.chance.likely(0.5) ? { action: this.#anyAction() } : {}) : {};
    if (button !== "approve" && world.chance.likely(0.1)) params["dc"] = "sh";
    this.#happen(incident_id, "i_custom", person, button, params);
  }

  /** Something has happened to an incident: it is pushed to one address or two, once or more often, in any order. */
  #happen(incident_id: string, event_type: string, person: Person | null, button: string, params = {}): void {
    const { world, flashduty } = this.#cast();
    const { chance } = world;
    this.#events += 1;
    const happened = { incident_id, event_id: `e${this.#events}`, event_type, at: world.now, person, button, params };
    const progress = PROGRESS[event_type] ?? this.#progress.get(incident_id) ?? "Triggered";
    this.#progress.set(incident_id, progress);
    flashduty.becomes(incident_id, progress);
    const who = person === null ? "nobody" : person.person_name;
    world.say(incident_id, () => `${happened.event_id} ${event_type}${button && ` (${button})`} by ${who}`);
    const push = this.#pushOf(happened, progress);
    const addresses = button === "" ? (["incident"] as const) : ([`action/${button}`] as const);
    const both = button !== "" && chance.likely(0.5) ? (["incident", ...addresses] as const) : addresses;
    for (const address of both) {
      const times = chance.likely(0.15) ? 2 : 1;
      for (let time = 0; time < times; time += 1) {
        const after_ms = time === 0 && chance.likely(0.8) ? 0 : chance.pick(AGAIN_MS);
        world.after(after_ms, () => world.start(this.#send(push, happened, address), this.#sender));
      }
    }
  }

  *#send(push: Push, happened: Happened, address: "incident" | `action/${string}`): Process {
    const { world, scene, workers } = this.#cast();
    for (let time = 0; time < MOST_SENDS; time += 1) {
      yield wayMs(world, scene.weather);
      const received = yield* workers.receive(push, happened, address);
      world.count(received === null ? "push: not answered" : `push: ${received.receipt.result}`);
      if (received !== null) return;
      yield 5_000;
    }
  }

  #pushOf(happened: Happened, progress: string): Push {
    const { world, scene } = this.#cast();
    const { incident_id, event_id, event_type, person, at } = happened;
    const host = scene.incidents.find((one) => one.incident_id === incident_id)?.host ?? "";
    const incident = { ...INCIDENT, incident_id, progress, labels: host === "" ? {} : { host } };
    const event_time = world.chance.likely(0.05) ? null : at;
    return {
      event_id,
      event_id_derived: false,
      event_type,
      event_time,
      person: person === null ? null : { ...person },
      incident,
    };
  }

  /** People see what becomes of runs: the incident is told. */
  notice(before: Run | null, after: Run): void {
    const { world } = this.#cast();
    if (isReport(after) || before?.state === after.state) return;
    if (after.ended_at !== null || after.state === "awaiting_approval") world.count(`run: ${after.state}`);
    if (/looks like a loop/.test(after.reason)) world.count("rules called for too much");
    if (this.#reactions >= MOST_REACTIONS) return;
    switch (after.state) {
      case "skipped":
        if (/press again/.test(after.reason)) this.#react(0.7, () => this.#pressAgain(after));
        else this.#react(0.15, () => this.#rule(after, this.#retry()));
        return;
      case "awaiting_approval":
        this.#react(0.6, () => this.#approve(after));
        this.#react(0.4, () => this.#approve(after));
        return;
      case "unknown":
      case "failed":
        this.#react(0.3, () => this.#rule(after, this.#retry()));
        return;
      case "expired":
      case "cancelled":
        this.#react(0.3, () => this.#rule(after, this.#retry()));
        return;
      case "running":
      case "waiting":
        this.#react(0.03, () => this.#rule(after, { what: "cancel", by: "Dana", reason: "not needed" }));
        return;
      case "planned":
      case "dispatched":
      case "succeeded":
    }
  }

  noticeBreaker(actions: readonly string[]): void {
    for (const action of actions)
      this.#react(0.7, () => this.#change({ action, by: "Dana", reason: "looked at it", set: "breaker_closed" }));
  }

  #react(part: number, act: () => void): void {
    const { world } = this.#cast();
    if (!world.chance.likely(part)) return;
    this.#reactions += 1;
    world.after(world.chance.pick(THINKS_MS), act);
  }

  /** In the same incident mostly, by the same person mostly. */
  #pressAgain({ incident_id, action, person_id }: Run): void {
    const { world, scene } = this.#cast();
    const other = world.chance.likely(0.8)
      ? incident_id
      : (world.chance.any(scene.incidents)?.incident_id ?? incident_id);
    const same = scene.persons.find((person) => person.person_id === person_id) ?? null;
    this.#press(other, world.chance.likely(0.8) ? same : this.#anybody(), action);
  }

  #approve(run: Run): void {
    const { world } = this.#cast();
    if (world.chance.likely(0.6)) this.#press(run.incident_id, this.#anybody(), "approve");
    else this.#rule(run, { what: "approve", by: world.chance.pick(["Dana", "ann@example.com", "  "]) });
  }

  #retry(): Ruling {
    const { chance } = this.#cast().world;
    return { what: "retry", by: "Dana", overriding: chance.likely(0.4) };
  }

  /** An administrator decides something about any run. */
  #ruleAny(): void {
    const { world, incidents } = this.#cast();
    const incident = world.chance.any([...incidents.values()]);
    const run = world.chance.any(incident?.runs.all().filter((one) => !isReport(one)) ?? []);
    if (run === undefined) return;
    const cancel: Ruling = { what: "cancel", by: "Dana", reason: "not needed" };
    this.#rule(run, world.chance.pick<Ruling>([cancel, this.#retry(), { what: "approve", by: "Dana" }]));
  }

  #rule(run: Run, ruling: Ruling): void {
    const { world, incidents, see } = this.#cast();
    const run_id = runId(run);
    world.say(
      "Dana",
      () => `${ruling.what} ${run_id}${ruling.what === "retry" && ruling.overriding ? " in spite of the guards" : ""}`,
    );
    see({ kind: "ruled", run_id, ruling });
    if (ruling.what === "approve") {
      const approver = { at: "admin" as const, person_id: "", email: "", name: ruling.by };
      if (ruling.by.trim() !== "")
        see({ kind: "consented", incident_id: run.incident_id, action: run.action, run_id, approver });
    }
    const ruled = incidents.get(run.incident_id)?.rule(run, ruling);
    const is_done = ruled !== undefined && "run" in ruled;
    world.count(`admin: ${ruling.what} ${is_done ? "done" : "refused"}`);
  }

  /** Everything or one action, and later on again. */
  #stop(): void {
    const { world } = this.#cast();
    const action = world.chance.likely(0.5) ? "" : this.#anyAction();
    this.#change({ action, by: "Dana", reason: "maintenance", set: "stopped" });
    const goOn = () => this.#change({ action, by: "Dana", reason: "all is well", set: "running" });
    if (world.chance.likely(0.8)) world.after(world.chance.pick([5_000, 60_000, 10 * MINUTE_MS]), goOn);
  }

  #change(change: SwitchChange): void {
    const { world, scene, guard } = this.#cast();
    const once = () => guard.change(change);
    world.start(ask(world, scene.weather, guard, { once }, 3_000), this.#sender);
  }

  #anybody(): Person | null {
    const { chance } = this.#cast().world;
    return chance.likely(0.05) ? null : chance.pick(this.#cast().scene.persons);
  }

  #anyAction(): string {
    const { world, scene } = this.#cast();
    return world.chance.any(Object.keys(scene.playbook.actions)) ?? "";
  }
}

const INCIDENT: Incident = {
  incident_id: "",
  title: "",
  description: "",
  impact: "",
  root_cause: "",
  resolution: "",
  incident_severity: "Critical",
  incident_status: "",
  progress: "",
  created_at: 0,
  updated_at: 0,
  start_time: 0,
  last_time: 0,
  end_time: 0,
  ack_time: 0,
  close_time: 0,
  snoozed_before: 0,
  labels: {},
  fields: {},
  creator: null,
  closer: null,
  responders: [],
  alerts: [],
  alert_cnt: 0,
  channel_id: "",
  channel_name: "",
  detail_url: "",
  group_method: "",
};
