/// <reference types="vite/types/importMeta.d.ts" />
// The comments that docs/ shows are those that an incident gets: the shipped playbook, planning, the incident's desk, guards,
// attempts and reports are the real ones. Only Flashduty, Rundeck and the tables are stand-ins.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readiness } from "../../src/actions/choose.ts";
import { type Address, eventOf, runId, type RunRef } from "../../src/domain/event.ts";
import type { Candidate, Decision } from "../../src/domain/guard.ts";
import { plan } from "../../src/domain/plan.ts";
import { actionNamed, type Context, definePlaybook, type Rule } from "../../src/domain/playbook.ts";
import { isReport } from "../../src/domain/report.ts";
import type { Moment, Policy, Run } from "../../src/domain/run.ts";
import { Desk, type Granted, type Ruling } from "../../src/incident/desk.ts";
import { playbook } from "../../src/playbook.ts";
import { carryOut } from "../../src/runs/attempt.ts";
import { Gate, startIdOf } from "../../src/runs/gate.ts";
import { spanUnder } from "../../src/trace.ts";
import { EventMemory, RunMemory } from "../simulation/memory.ts";
import { bodyOf, type Fields, pushIn } from "./bodies.ts";
import { GuardMemory } from "./guard-memory.ts";
import { envOf, SET_UP } from "./settings.ts";

/** Nothing of an object of the platform is used here; but what uses one extends it. */
vi.mock("cloudflare:workers", () => ({ DurableObject: Object }));

const texts = import.meta.glob<string>("../../docs/**/*.md", { query: "?raw", import: "default", eager: true });
const readme = import.meta.glob<string>("../../README.md", { query: "?raw", import: "default", eager: true });
const INCIDENT = "655dc2a1b3c4d5e6f7a8b9c0";
const OWN_ID = "7001";
const LABELS = { resource: "es.nj.01", service: "checkout" };
const ZHANGSAN = { person_id: "5001", person_name: "zhangsan" };

/** What is set up: Rundeck, and a key for Flashduty. */
const SETTINGS = {
  ...SET_UP,
  FLASHDUTY_APP_KEY: "an-app-key-that-only-tests-use",
  RUNDECK_URL: "https://rundeck.example.com",
  RUNDECK_TOKEN: "a-token-of-rundeck",
  RUNDECK_RESTART_JOB: "0c2a1d3e",
};

/** 22 November 2026, UTC. */
function clock(time: string): number {
  return Date.parse(`2026-11-22T${time.length === 5 ? `${time}:00` : time}Z`);
}

/** What a push is about; nothing of it needs to be said. */
interface About {
  person?: typeof ZHANGSAN;
  incident_id?: string;
  labels?: Fields;
  rules?: readonly Rule[];
  policy?: Partial<Policy>;
}

/** One incident: what decides, and what it keeps. */
function incidentAnew() {
  const kept = { events: new EventMemory(), runs: new RunMemory(true) };
  const house = { retention_ms: 30 * 24 * 60 * 60_000, tells: "en" as const };
  return {
    runs: kept.runs,
    desk: new Desk(
      kept,
      () => {},
      () => house,
    ),
  };
}

/** One night of a receiver: what is pushed to it, what becomes of the runs, and what their incidents are told. */
class Night {
  /** How Rundeck answers when a job is to be started, and what it says of it afterwards. */
  rundeck = { status: 200, execution: "succeeded" };
  /** The newest comment. */
  comment = "";
  readonly #guards = new GuardMemory();
  readonly #gate = new Gate(this.#guards, (action) => actionNamed(playbook, action)?.guards ?? {});
  readonly #incidents = new Map<string, ReturnType<typeof incidentAnew>>();
  #pushes = 0;
  #env = this.#envWith({});

  constructor() {
    vi.stubGlobal("fetch", async (request: Request) => this.#answer(request));
  }

  /** Sets up what is asked for the enrichment, too. */
  enriching(): this {
    this.#env = this.#envWith({ PROMETHEUS_URL: "https://prometheus.example.com" });
    return this;
  }

  #envWith(settings: Record<string, string>): Env {
    const admit = async (candidate: Candidate): Promise<Decision> => this.#gate.admit(candidate, Date.now());
    return envOf({
      ...SETTINGS,
      ...settings,
      GUARD: { getByName: () => ({ admit }) },
      QUOTA: { getByName: () => ({ take: () => ({ wait_ms: 0 }) }) },
      SEEN: { get: async () => null, put: async () => {} },
    });
  }

  /** A push arrives: the press of an action's button, or an event. The runs that it calls for. */
  push(time: string, what: { press: string } | { type: string }, about: About = {}): Run[] {
    const at = this.#at(time);
    const { incident_id = INCIDENT, person = ZHANGSAN, labels = LABELS, rules = [], policy = {} } = about;
    const [type, command, address]: [string, Parameters<typeof plan>[1], Address] =
      "press" in what
        ? ["i_custom", { action: what.press, params: {} }, `action/${what.press}`]
        : [what.type, null, "incident"];
    this.#pushes += 1;
    const event_id = `fac0${String(this.#pushes).padStart(2, "0")}`;
    const body = bodyOf({ event_id, event_type: type, event_time: at.now, person }, { incident_id, labels });
    const push = pushIn(body);
    const asked = plan(push, command, {
      playbook: definePlaybook({ actions: playbook.actions, rules }),
      readiness: (action) => {
        const ready = readiness(action, this.#env);
        return "unable" in ready ? ready : { ...ready, policy: { ...ready.policy, ...policy } };
      },
      own_id: "",
      now: at.now,
    });
    const { desk, runs } = this.#incident(incident_id);
    desk.receive(eventOf(push, { address, received_at: at.now, body }), asked, null, at);
    this.#follow(runs, at.now);
    return runs.ofEvent(event_id);
  }

  /** One attempt at a run, which takes a second. */
  async attempt(ref: RunRef, time: string): Promise<Run> {
    const { desk, runs } = this.#incident(ref.incident_id);
    const granted = this.#claim(ref, time);
    if (granted !== null) {
      const { outcome, notes } = await carryOut({ ...granted, span: spanUnder("") }, Date.now(), this.#env);
      const at = { now: clock(time) + 1_000, chance: 0 };
      desk.settle(ref, granted.run.fence, outcome, notes, at);
      this.#follow(runs, at.now);
    }
    return this.#run(ref);
  }

  /** A press of the button that restarts a host, and the attempt that follows at once. */
  async press(time: string, about: About = {}): Promise<Run> {
    const run = this.#pressed(time, about);
    return run.ended_at === null ? this.attempt(run, time) : run;
  }

  /** A press whose attempt goes its way, but never tells what it came to: the lease of its claim runs out. */
  async crash(time: string, about: About = {}): Promise<Run> {
    const run = this.#pressed(time, about);
    const granted = this.#claim(run, time);
    if (granted === null) throw new Error("the run is not handed out");
    await carryOut({ ...granted, span: spanUnder("") }, Date.now(), this.#env);
    return this.pass(run, new Date(granted.run.due_at ?? 0).toISOString().slice(11, 19));
  }

  /** A person decides about a run. */
  rule(ref: RunRef, time: string, ruling: Ruling): Run {
    const at = this.#at(time);
    const { desk, runs } = this.#incident(ref.incident_id);
    desk.rule(ref, ruling, at);
    this.#follow(runs, at.now);
    return this.#run(ref);
  }

  /** Time has passed: the alarm of the run's incident comes. */
  pass(ref: RunRef, time: string): Run {
    const at = this.#at(time);
    const { desk, runs } = this.#incident(ref.incident_id);
    desk.wake(at);
    this.#follow(runs, at.now);
    return this.#run(ref);
  }

  /** A person stops everything, or an action. */
  stop(time: string, { action = "", by = "lisi", reason }: { action?: string; by?: string; reason: string }): void {
    this.#gate.change({ action, set: "stopped", by, reason }, this.#at(time).now);
  }

  #pressed(time: string, about: About): Run {
    const [run] = this.push(time, { press: "restart-host" }, about);
    if (run === undefined) throw new Error("the press calls for nothing");
    return run;
  }

  #claim(ref: RunRef, time: string): Granted | null {
    this.pass(ref, time);
    const claimed = this.#incident(ref.incident_id).desk.claim(ref, "one", this.#at(time));
    return "run" in claimed ? claimed : null;
  }

  #incident(incident_id: string): ReturnType<typeof incidentAnew> {
    const known = this.#incidents.get(incident_id) ?? incidentAnew();
    this.#incidents.set(incident_id, known);
    return known;
  }

  #run({ incident_id, event_id, action }: RunRef): Run {
    const run = this.#incident(incident_id).runs.one(event_id, action);
    if (run === null) throw new Error("there is no such run");
    return run;
  }

  #at(time: string): Moment {
    vi.setSystemTime(clock(time));
    return { now: clock(time), chance: 0 };
  }

  /** What has changed is told, and the guards see it. */
  #follow(runs: RunMemory, now: number): void {
    for (const { before, after } of runs.takeChanges()) {
      if (isReport(after)) {
        if (before === null) this.comment = after.params["text"] ?? "";
        continue;
      }
      const start = this.#guards.start(startIdOf(runId(after), after.round));
      if (start !== null) this.#gate.looked(start, after, now);
    }
  }

  #answer({ url, method }: Request): Response {
    const { pathname } = new URL(url);
    if (pathname === "/incident/info") return Response.json({ request_id: "r", data: { progress: "Triggered" } });
    if (pathname === "/member/info") return Response.json({ request_id: "r", data: { member_id: OWN_ID } });
    const execution = { id: 17, permalink: "https://rundeck.example.com/project/ops/execution/show/17" };
    if (method === "GET") return Response.json({ ...execution, status: this.rundeck.execution });
    return Response.json({ ...execution, status: "running" }, { status: this.rundeck.status });
  }
}

const WHEN_REOPENED: Rule = { on: ["i_reopen"], run: "restart-host" };
const WITH_CONSENT: Rule = { ...WHEN_REOPENED, approval: { within_ms: 30 * 60_000 } };
const LISI = { person_id: "5002", person_name: "lisi" };

/** Another incident, on a host of its own. */
function incident(nr: number): About {
  const two = String(nr).padStart(2, "0");
  return { incident_id: `655dc2a1b3c4d5e6f7a8b9${two}`, labels: { resource: `es.nj.${two}` } };
}

function minute(after_noon: number): string {
  return `12:${String(after_noon).padStart(2, "0")}`;
}

/** The host is restarted; 74 s later Rundeck has done it. */
async function restarted(night: Night, time: string, about: About = {}): Promise<Run> {
  const run = await night.press(time, about);
  return night.attempt(run, new Date(clock(time) + 73_000).toISOString().slice(11, 19));
}

/** A host is restarted, and once more at the second press. */
async function overridden(night: Night): Promise<Run> {
  await restarted(night, "12:40");
  await night.press("12:45");
  return restarted(night, "12:46");
}

/** A host is to be restarted while everything is stopped. */
async function stopped(night: Night): Promise<Run> {
  night.stop("12:30", { reason: "the core switch is being replaced" });
  return night.press("12:40");
}

/** The run that a rule calls for when the incident is reopened. */
function reopened(night: Night, time: string, rule = WHEN_REOPENED): Run {
  const [run] = night.push(time, { type: "i_reopen" }, { rules: [rule] });
  if (run === undefined) throw new Error("the rule calls for nothing");
  return run;
}

/** A condition that its writer has not thought through: a description need not be JSON. */
function isOfDatabases({ incident: { description } }: Context): boolean {
  const said: unknown = JSON.parse(description);
  return said === "databases";
}

/** What happens in the night of a comment. */
type Scene = (night: Night) => unknown;

/** For each page under docs/, how its comments come about, in their order. */
const pages: Record<string, Scene[]> = {
  "reports.md": [async (night) => restarted(night, "12:40")],
  "guards/once.md": [
    async (night) => night.crash("12:40", { policy: { once: true } }),
    async (night) => {
      const run = await night.crash("12:40", { policy: { once: true } });
      night.rule(run, "12:50", { what: "retry", by: "lisi", overriding: true });
      await night.attempt(run, "12:50");
      await night.attempt(run, "12:51:13");
    },
  ],
  "guards/key.md": [
    async (night) => night.press("12:40", { labels: {} }),
    async (night) => night.press("12:40", { labels: { resource: "es.nj.*" } }),
  ],
  "guards/one-at-a-time.md": [
    async (night) => {
      await night.press("12:40");
      await night.press("12:42", { person: LISI });
    },
    async (night) => {
      await night.crash("12:40");
      await night.press("12:41", { person: LISI });
    },
    async (night) => {
      for (const nr of [1, 2, 3]) await night.press("12:40", incident(nr));
      await night.press("12:42", incident(4));
    },
    async (night) => {
      await night.press("12:40:00");
      await night.press("12:40:04");
    },
  ],
  "guards/cool-down.md": [
    async (night) => {
      await restarted(night, "12:40");
      await night.press("12:45");
    },
    async (night) => {
      await restarted(night, "12:40");
      await night.attempt(reopened(night, "12:45"), "12:45");
    },
  ],
  "guards/budget.md": [
    async (night) => {
      for (const time of ["12:00", "12:15", "12:30"]) await restarted(night, time);
      await night.press("12:45");
    },
    async (night) => {
      for (let count = 0; count <= 20; count++) await restarted(night, minute(2 * count), incident(1 + (count % 7)));
    },
  ],
  "guards/override.md": [
    async (night) => {
      await restarted(night, "12:40");
      await night.press("12:45");
    },
    overridden,
  ],
  "guards/breaker.md": [
    async (night) => {
      night.rundeck.status = 403;
      for (const nr of [1, 2, 3, 4, 5]) await night.press(minute(35 + nr), incident(nr));
      await night.press("12:45", incident(6));
    },
    async (night) => {
      for (let nr = 1; nr <= 10; nr++) await restarted(night, minute(20 + 2 * nr), incident(nr));
      await night.press("12:45", incident(11));
    },
    async (night) => {
      for (const time of ["12:00", "12:20"]) {
        await restarted(night, time);
        night.push(`${time.slice(0, 4)}5`, { type: "i_reopen" });
      }
      await night.press("12:40");
    },
  ],
  "guards/approval.md": [
    (night) => reopened(night, "12:40", WITH_CONSENT),
    async (night) => {
      const run = reopened(night, "12:40", WITH_CONSENT);
      night.rule(run, "12:48", { what: "approve", by: "lisi" });
      await night.attempt(run, "12:48");
      await night.attempt(run, "12:49:13");
    },
    (night) => night.pass(reopened(night, "12:40", WITH_CONSENT), "13:10"),
  ],
  "guards/dry-run.md": [async (night) => night.press("12:40", { policy: { dry_run: true } })],
  "guards/switch.md": [stopped, async (night) => night.pass(await stopped(night), "13:42")],
  "guards/loops.md": [
    async (night) => {
      const person = { person_id: OWN_ID, person_name: "flashduty-edge" };
      const [run] = night.push("12:40", { type: "i_reopen" }, { person, rules: [WHEN_REOPENED] });
      if (run !== undefined) await night.attempt(run, "12:40");
    },
    (night) => {
      night.enriching();
      const rules: Rule[] = [{ on: ["i_comm"], run: "enrich" }];
      for (let count = 1; count <= 31; count++) night.push("12:40", { type: "i_comm" }, { rules });
    },
  ],
  "guards/conditions.md": [
    (night) => {
      const rules: Rule[] = [{ on: ["i_new"], when: isOfDatabases, run: "enrich" }];
      night.enriching().push("12:40", { type: "i_new" }, { rules });
    },
  ],
};

async function commentOf(scene: Scene): Promise<string> {
  const night = new Night();
  await scene(night);
  return night.comment;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The pages by their paths under docs/. */
const docs = new Map(Object.entries(texts).map(([path, text]) => [path.slice("../../docs/".length), text]));

function read(page: string): string {
  return docs.get(page) ?? "";
}

function commentsIn(text: string): string[] {
  return [...text.matchAll(/^```comment\n(.*?)\n```$/gms)].map(([, comment = ""]) => comment);
}

describe("a page shows the comments that an incident gets", () => {
  it.each(Object.entries(pages))("%s", async (page, scenes) => {
    const comments: string[] = [];
    for (const scene of scenes) comments.push(await commentOf(scene));
    expect(commentsIn(read(page))).toEqual(comments);
  });

  it("as far as it shows any: none is left unchecked", () => {
    const showing = [...docs].filter(([, text]) => commentsIn(text).length > 0).map(([page]) => page);
    expect(showing.toSorted()).toEqual(Object.keys(pages).toSorted());
  });
});

/** A part of a comment; what is left out of it is "…". */
function patternOf(quoted: string): RegExp {
  const parts = quoted.split("…").map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(parts.join(".+"));
}

describe("the list of what a comment may say", () => {
  const rows = [...read("guards/README.md").matchAll(/^\| `(.+?)` .*?\]\(([a-z.-]+\.md)/gm)].map(
    ([, quoted = "", page = ""]) => ({ quoted, page, pattern: patternOf(quoted) }),
  );

  it("has a line for each comment that a page of a guard shows", () => {
    const comments = [...docs].flatMap(([page, text]) => (page.startsWith("guards/") ? commentsIn(text) : []));
    const untold = comments.filter((comment) => !rows.some(({ pattern }) => pattern.test(comment)));
    expect(untold.filter((comment) => !comment.split("\n")[0]?.endsWith("succeeded"))).toEqual([]);
  });

  it.each(rows)("quotes what its page shows: $quoted", ({ pattern, page }) => {
    expect(commentsIn(read(`guards/${page}`)).filter((comment) => pattern.test(comment))).not.toEqual([]);
  });
});

describe("the page about the trail", () => {
  it("shows that of a run which a person had started in spite of the guards", async () => {
    const night = new Night();
    const run = await overridden(night);
    const shown: unknown = JSON.parse(/^```json\n(.*?)\n```$/ms.exec(read("guards/trail.md"))?.[1] ?? "");
    expect(shown).toEqual(run.trail);
  });
});

/** Where a heading is found, as GitHub names it. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("a link from page to page", () => {
  const pages = new Map<string, string>([
    ...[...docs].map(([path, text]): [string, string] => [`docs/${path}`, text]),
    ...Object.values(readme).map((text): [string, string] => ["README.md", text]),
  ]);
  const links = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)].map(([, path = "", anchor = ""]) => {
      const to = path === "" ? page : new URL(path, `https://docs.example/${page}`).pathname.slice(1);
      return { page, to, anchor };
    }),
  );

  it("leads to a page that is there, and to a heading of it", () => {
    const broken = links
      .filter(({ to }) => to.endsWith(".md"))
      .filter(({ to, anchor }) => {
        const text = pages.get(to);
        return text === undefined || (anchor !== "" && !anchorsIn(text).includes(anchor));
      });
    expect(links.length).toBeGreaterThan(100);
    expect(broken).toEqual([]);
  });
});
