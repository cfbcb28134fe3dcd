// The decisions about a status page's entry, whoever hosts the page.
import { describe, expect, it } from "vitest";
import {
  decide,
  type Earlier,
  earlierOn,
  type Entry,
  leaveBehind,
  type Post,
  postOf,
} from "../../../../src/actions/status-page/decide.ts";
import { contextOf } from "../../../../src/domain/playbook.ts";
import { START } from "../../arbitraries.ts";
import { type Moved, pushAt } from "./incident.ts";

const NONE: Earlier = { entry: "", event_time: -Infinity, status: "" };
const HAD: Earlier = { entry: "7", event_time: START, status: "investigating" };

function post(changed: Partial<Post> = {}): Post {
  const said = {
    event_time: START + 10_000,
    status: "investigating" as const,
    components: { api: "full_outage" as const },
  };
  return { ...said, text: "We look into it.", title: "Service disruption", notify: true, ...changed };
}

function entry(changed: Partial<Entry> = {}): Entry {
  const said = { ...post(), event_time: START };
  return {
    id: "7",
    link: "",
    status: "investigating",
    components: ["api"],
    said,
    ...changed,
  };
}

const RESOLVED = { status: "resolved", components: { api: "operational" } } as const;
const resolved_by_us = entry({ status: "resolved", said: { ...post(RESOLVED), event_time: START } });
const resolved_by_hand = entry({ status: "resolved" });
const moved_by_hand = entry({ status: "monitoring" });

describe("what becomes of a run", () => {
  it.each<[string, Post, Entry | null, Earlier, string, string]>([
    ["the first press", post(), null, NONE, "i_custom", "create"],
    ["a rule that needs no press", post(), null, NONE, "i_new", "create"],
    ["a press in a closed incident without an entry", post(RESOLVED), null, NONE, "i_custom", "skip"],
    ["a close without an entry", post(RESOLVED), null, NONE, "i_rslv", "nothing"],
    ["a press after the entry was deleted", post(), null, HAD, "i_custom", "create"],
    ["a rule after the entry was deleted", post(), null, HAD, "i_ack", "skip"],
    [
      "a press that came late, to an incident closed since",
      post(),
      null,
      { ...NONE, event_time: START + 11_000 },
      "i_custom",
      "skip",
    ],
    ["the same once more", post(), entry(), HAD, "i_custom", "nothing"],
    ["the same, while the entry was moved on by hand", post(), moved_by_hand, HAD, "i_custom", "nothing"],
    ["another status", post({ status: "identified" }), entry(), HAD, "i_ack", "add"],
    ["another severity", post({ components: { api: "degraded" } }), entry(), HAD, "i_r_severity", "add"],
    ["another component", post({ components: { web: "full_outage" } }), entry(), HAD, "i_custom", "add"],
    ["another text", post({ text: "We know." }), entry(), HAD, "i_custom", "add"],
    ["other line breaks only", post({ text: "We look\n into it. " }), entry(), HAD, "i_custom", "nothing"],
    ["the same, where nothing of ours is left there", post(), entry({ said: null }), HAD, "i_custom", "add"],
    ["a close", post(RESOLVED), entry(), HAD, "i_rslv", "add"],
    ["a close of what was resolved by hand", post(RESOLVED), resolved_by_hand, HAD, "i_rslv", "nothing"],
    ["a reopening", post(), resolved_by_us, { ...HAD, status: "resolved" }, "i_reopen", "reopen"],
    ["an event after a reopening that got lost", post(), resolved_by_us, HAD, "i_ack", "reopen"],
    ["a reopening of what was resolved by hand", post(), resolved_by_hand, HAD, "i_reopen", "reopen"],
    ["a press where it was resolved by hand", post(), resolved_by_hand, HAD, "i_custom", "reopen"],
    ["a rule where it was resolved by hand", post(), resolved_by_hand, HAD, "i_ack", "skip"],
    [
      "an event older than what the page says",
      post({ event_time: START - 1, status: "identified" }),
      entry(),
      NONE,
      "i_ack",
      "skip",
    ],
    [
      "an event older than what was dealt with last",
      post(),
      entry(),
      { ...HAD, event_time: START + 10_001 },
      "i_custom",
      "skip",
    ],
    ["an event of the very same time", post({ event_time: START, status: "identified" }), entry(), HAD, "i_ack", "add"],
  ])("%s", (_, said, on_page, earlier, event_type, expected) => {
    const decision = decide(said, on_page, earlier, event_type);
    const kind = decision.kind === "add" && decision.reopens ? "reopen" : decision.kind;
    expect(kind).toBe(expected);
  });

  it("at its end every component is in order again: those that the entry affects, whoever named them", () => {
    const decision = decide(post(RESOLVED), entry({ components: ["api", "web"] }), HAD, "i_rslv");
    expect(decision).toMatchObject({ post: { components: { api: "operational", web: "operational" } } });
  });
});

function said(moved: Moved, spec: Parameters<typeof postOf>[0] = {}, configured = "api, web\n api") {
  return postOf(spec, { ...contextOf(pushAt(moved)), planned_at: START + 3_600_000 }, configured, (text) => text);
}

describe("what an incident has to say", () => {
  it.each([
    ["Triggered", "Critical", "investigating", "full_outage"],
    ["Triggered", "Warning", "investigating", "partial_outage"],
    ["Processing", "Info", "identified", "degraded"],
    ["Processing", "", "identified", "degraded"],
    ["Closed", "Critical", "resolved", "operational"],
  ])("%s and %s: %s, %s", (progress, severity, status, level) => {
    const read = said({ progress, severity });
    expect(read).toMatchObject({
      ok: true,
      post: { event_time: START, status, components: { api: level, web: level } },
    });
  });

  it("is overridden by the playbook", () => {
    const spec = {
      statuses: { Processing: "monitoring" },
      severities: { Critical: "degraded" },
      components: ({ incident }: { incident: { labels: Record<string, string> } }) =>
        incident.labels["service"] === "pay" ? ["pay"] : [],
      title: () => "Payments",
      texts: { monitoring: () => "We watch." },
      notify: false,
    } as const;
    const post = {
      status: "monitoring",
      components: { pay: "degraded" },
      title: "Payments",
      text: "We watch.",
      notify: false,
    };
    expect(said({ progress: "Processing", labels: { service: "pay" } }, spec)).toMatchObject({ ok: true, post });
    expect(said({ progress: "Triggered" }, spec)).toMatchObject({
      post: { status: "investigating", components: { api: "degraded", web: "degraded" } },
    });
  });

  it.each(["Merged", "constructor", ""])('cannot be told of a progress that nobody named: "%s"', (progress) => {
    expect(said({ progress })).toMatchObject({ ok: false });
  });

  it("is ordered by arrival where its time is not to be believed", () => {
    const read = said({ at: 7 * 3_600 });
    expect(read).toMatchObject({ post: { event_time: START + 3_600_000 } });
  });

  it("is left behind for the next run, which reads it only about the same page", () => {
    const values = leaveBehind("page-1", { id: "7", said: null }, post());
    expect(values).toMatchObject({ entry: "7", component_status: "full_outage", text: "We look into it." });
    expect(earlierOn("page-1", values)).toMatchObject({
      entry: "7",
      event_time: START + 10_000,
      status: "investigating",
    });
    expect(earlierOn("page-2", values)).toEqual(NONE);
    expect(earlierOn("page-1", {})).toEqual(NONE);
  });
});
