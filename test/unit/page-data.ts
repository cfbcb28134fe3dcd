// What the pages are given in tests: one night, and every text in it as hostile as asked.
import { planned, Policy, type RunState } from "../../src/domain/run.ts";
import type { Entry } from "../../src/domain/trail.ts";
import type {
  DriftItem,
  EventView,
  IncidentItem,
  IncidentView,
  Overview,
  Preview,
  QuarantineEntry,
  QuarantineItem,
  RunItem,
  RunView,
  SwitchView,
} from "../../src/admin/shapes.ts";
import type { Viewer } from "../../src/admin/page/viewer.ts";

export const NOW = Date.UTC(2026, 10, 22, 3, 10, 0);
const MINUTE_MS = 60_000;

export function viewer(given: Partial<Viewer> = {}): Viewer {
  const who = { kind: "person", name: "李四 <lisi@example.com>", by: "session" } as const;
  return { language: "en", zone: "Asia/Shanghai", now: NOW, who, path: "/admin", ...given };
}

/** A night in which every text of others is what `text` makes of it. */
export function night(text: (calm: string) => string = (calm) => calm) {
  const incident_id = "6650a1b2c3d4e5f6a7b8c9d0";

  const run = (action: string, state: RunState, given: Partial<RunView> = {}): RunView => {
    const event_id = given.event_id ?? "ev-2";
    const fresh = planned(
      {
        incident_id,
        event_id,
        action,
        by: "command",
        asked_by: text("王五"),
        connector: "rundeck",
        key: text("es.nj.01"),
        params: { dc: text("nj") },
        policy: Policy.parse({ once: false, attempts: 3, time_limit_ms: 20_000 }),
      },
      NOW - 8 * MINUTE_MS,
    );
    const at = (minutes: number, what: Entry["what"], said: string, by = ""): Entry => ({
      at: NOW - minutes * MINUTE_MS,
      what,
      by,
      text: text(said),
    });
    const trail = [
      ...fresh.trail,
      at(7.9, "claimed", "attempt 1"),
      at(7.8, "sent", "POST https://rundeck.example/api/job/restart/run host=es.nj.01"),
      at(7.7, "answered", "500 Internal Server Error\nthe node is not known"),
      at(7.6, "guard", "budget: 2 of 3 within 6 h"),
      at(6, "overridden", "comebacks", text("王五")),
      at(5, "state", `${state}: as it was`),
    ];
    const is_open = ["planned", "dispatched", "running", "waiting", "awaiting_approval"].includes(state);
    return {
      ...fresh,
      run_id: `${incident_id}:${event_id}:${action}`,
      state,
      reason: text("the target answered 500: the node is not known; allowed again at 03:20"),
      started_at: state === "awaiting_approval" ? null : NOW - 7.9 * MINUTE_MS,
      ended_at: is_open ? null : NOW - 5 * MINUTE_MS,
      due_at: is_open ? NOW + MINUTE_MS : null,
      links: [text("https://rundeck.example/execution/42")],
      values: { owner: text("team-search"), load: 0.93 },
      trail,
      ...given,
    };
  };

  const runs: RunView[] = [
    run("enrich", "succeeded", { reason: text("CPU 97 %, 3 errors in the log"), key: "" }),
    run("restart-host", "failed", { may_have_acted: true, failures: 2 }),
    run("restart-host", "awaiting_approval", {
      event_id: "ev-4",
      by: "rule",
      asked_by: "i_reopen",
      approval: { within_ms: 30 * MINUTE_MS, not_by: [] },
      reason: "",
    }),
    run("rollback", "unknown", { event_id: "ev-4", approved_by: text("赵六"), override_by: text("王五") }),
    run("update-status-page", "waiting", { event_id: "ev-4", key: "", held_since: NOW - MINUTE_MS }),
  ];
  const items: RunItem[] = runs.map((one) => ({ ...one }));

  const event = (
    at: number,
    event_type: string,
    minutes: number,
    given: Partial<IncidentView["events"][number]> = {},
  ) => ({
    event_id: `ev-${at}`,
    event_type,
    event_time: NOW - minutes * MINUTE_MS,
    received_at: NOW - minutes * MINUTE_MS + 400,
    arrival: at,
    address: "incident",
    progress: "Triggered",
    claims_future: false,
    replayed_by: "",
    disposition: "accepted" as const,
    ...given,
  });

  const view: IncidentView = {
    incident_id,
    current_event_id: "ev-6",
    opened_at: NOW - 9 * MINUTE_MS,
    left_out: { events: 0, runs: 0, reports: 0 },
    incident: {
      incident_id,
      num: text("A1B2C3"),
      title: text("es.nj.01 / heap above 95 % for 5 minutes"),
      description: text("The JVM of the search node collects garbage all the time.\nSee the runbook."),
      incident_severity: "Critical",
      progress: "Triggered",
      close_time: 0,
      channel_name: text("搜索组 on call"),
      detail_url: text("https://console.flashcat.cloud/incident/6650a1b2c3d4e5f6a7b8c9d0"),
      labels: {
        resource: text("es.nj.01"),
        [text("service")]: text("search"),
        cluster: text("nj-2"),
        check: text("heap"),
      },
      responders: [{ person_name: text("张三"), email: text("zhangsan@example.com") }],
    },
    events: [
      event(1, "i_new", 9),
      event(2, "i_custom", 8, { address: "action/restart-host", progress: "Processing" }),
      event(3, "i_rslv", 4, { progress: "Closed" }),
      event(4, "i_reopen", 2),
      event(5, "i_ack", 3, { disposition: "stale", progress: "Processing" }),
      event(6, text("i_quantum"), 1, {
        event_time: NOW + 60 * MINUTE_MS,
        claims_future: true,
        replayed_by: text("李四"),
      }),
    ],
    runs,
    reports: [
      {
        ...run("restart-host@failed", "succeeded", { by: "report" }),
        params: { text: text("[restart-host] failed\nby rundeck") },
      },
    ],
  };

  const incidents: IncidentItem[] = (
    [
      ["Critical", "Triggered", "es.nj.01 / heap above 95 % for 5 minutes"],
      ["Warning", "Processing", "磁盘空间不足 db.nj.04，剩余 5%"],
      ["Info", "Closed", "mq.nj.05 / queue grows"],
      ["Fatal", "Suppressed", "web.nj.02 / does not answer"],
    ] as const
  ).map(([severity, progress, title], at) => ({
    incident_id: `${incident_id.slice(0, -1)}${at}`,
    number: text(`A1B2C${at}`),
    title: text(title),
    progress: text(progress),
    severity: text(severity),
    channel_name: text("搜索组 on call"),
    detail_url: "",
    opened_at: NOW - (9 + at * 400) * MINUTE_MS,
    last_event_at: NOW - (1 + at * 300) * MINUTE_MS,
    events: 6 + at,
    runs: at,
  }));

  const quarantined: QuarantineItem = {
    id: "0123456789abcdef0123456789abcdef",
    why: "placeholders",
    detail: text("The body holds {{…}} placeholders."),
    path_and_query: text("/webhooks/incident?a=1"),
    source: "47.94.95.118",
    first_at: NOW - 90 * MINUTE_MS,
    last_at: NOW - 3 * MINUTE_MS,
    times: 12,
    body_length: 50_000,
    body_head: text('{"event_type":"{{.Event}}"'),
  };
  const entry: QuarantineEntry = { ...quarantined, body: text(`{"event_type":"{{.Event}}"}${" x".repeat(3_000)}`) };

  const preview: Preview = {
    result: "taken",
    incident_id,
    event_id: "ev-9",
    event_type: text("i_custom"),
    is_known: false,
    disposition: "accepted",
    runs: [
      { action: "restart-host", key: text("es.nj.01"), by: "command", refused: null },
      { action: "rollback", key: "", by: "command", refused: text("GITHUB_TOKEN is missing") },
    ],
    approves: true,
  };
  const refusal: Preview = { result: "refused", why: "placeholders", detail: text("It holds placeholders.") };

  const switches: SwitchView = {
    stops: [
      { action: null, by: text("李四"), reason: text("the data centre burns"), at: NOW - 20 * MINUTE_MS },
      { action: "rollback", by: text("王五"), reason: text("release in progress"), at: NOW - 2_000 * MINUTE_MS },
    ],
    open_breakers: [
      {
        action: "restart-host",
        opened_at: NOW - 30 * MINUTE_MS,
        reason: text("5 of its runs within 1 h failed, or did not help"),
      },
    ],
    rulings: [
      {
        at: NOW - 20 * MINUTE_MS,
        what: "stopped",
        action: null,
        by: text("李四"),
        reason: text("the data centre burns"),
      },
      {
        at: NOW - 30 * MINUTE_MS,
        what: "breaker_opened",
        action: "restart-host",
        by: "",
        reason: text("5 of its runs failed"),
      },
    ],
  };

  const drift: DriftItem[] = (["event_type", "field", "source", "custom_body"] as const).map((kind) => ({
    kind,
    what: text(`incident.${kind}`),
    first_at: NOW - 5_000 * MINUTE_MS,
    last_at: NOW - 5 * MINUTE_MS,
    example: text('{"a":1}'),
    incident_id: kind === "source" ? "" : incident_id,
    event_id: kind === "source" ? "" : "ev-6",
  }));

  const overview: Overview = {
    at: NOW,
    awaiting_approval: items.filter(({ state }) => state === "awaiting_approval"),
    ended_badly: items.filter(({ state }) => state === "failed" || state === "unknown"),
    open: {
      incidents: [
        { progress: "Triggered", count: 3 },
        { progress: text("Processing"), count: 2 },
      ],
      runs: [{ state: "awaiting_approval", count: 1 }],
    },
    open_incidents: incidents.filter(({ progress }) => progress !== "Closed"),
    newest_incidents: incidents,
    quarantined: 3,
    switch: switches,
    drift,
    setup: {
      faults: [text("WEBHOOK_TOKEN is missing; set it with: wrangler secret put WEBHOOK_TOKEN")],
      dry_run: true,
      writes_back: false,
      source_check: "report",
      actions: [
        { action: "restart-host", summary: "restart the host", connector: "rundeck", unable: "", dry_run: true },
        {
          action: "rollback",
          summary: "roll back the latest change of the service",
          connector: null,
          unable: text("GITHUB_TOKEN is missing"),
          dry_run: false,
        },
      ],
    },
  };

  const body: EventView = {
    ...event(6, "i_custom", 1),
    body: text(JSON.stringify({ incident: view.incident, event_type: "i_custom" })),
    push: { person: { person_name: text("王五"), email: text("wangwu@example.com") } },
  };

  return { view, runs, items, incidents, quarantined, entry, preview, refusal, switches, drift, overview, event: body };
}

/** A night with nothing in it. */
export const CALM: Overview = {
  at: NOW,
  awaiting_approval: [],
  ended_badly: [],
  open: { incidents: [], runs: [] },
  open_incidents: [],
  newest_incidents: [],
  quarantined: 0,
  switch: { stops: [], open_breakers: [], rulings: [] },
  drift: [],
  setup: { faults: [], dry_run: false, writes_back: true, source_check: "enforce", actions: [] },
};
