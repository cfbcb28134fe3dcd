import { describe, expect, it } from "vitest";
import { entryOf, type Indexed } from "../../src/admin/index/entry.ts";
import { end } from "../../src/domain/run.ts";
import { bodyOf, type Fields } from "./bodies.ts";
import { runOf } from "./runs.ts";

/** An incident with one run, as its push tells of it. */
function incident(said: Fields = {}, changed: Partial<Indexed> = {}): Indexed {
  return {
    incident_id: "incident-1",
    current: { progress: "Triggered", body: bodyOf({}, said) },
    opened_at: 1_000,
    last_event_at: 2_000,
    events: 3,
    version: 7,
    runs: [{ ...runOf(), changes: 4 }],
    ...changed,
  };
}

describe("of an incident the index has", () => {
  it.each<[string, Fields, object]>([
    ["its number, as text", { num: "0E83EE" }, { number: "0E83EE" }],
    ["its number, as a number", { num: 17 }, { number: "17" }],
    ["no number that is none", { num: { a: 1 } }, { number: "" }],
    ["its title, cut", { title: "x".repeat(500) }, { title: `${"x".repeat(299)}…` }],
    ["its severity", { incident_severity: "Critical" }, { severity: "Critical" }],
    ["its page, whole", { detail_url: "https://x.example/1" }, { detail_url: "https://x.example/1" }],
    ["no half of an address", { detail_url: `https://x.example/${"1".repeat(2_000)}` }, { detail_url: "" }],
    ["nothing for what is missing", {}, { title: "", number: "", severity: "", channel_name: "", detail_url: "" }],
  ])("%s", (_, said, wanted) => {
    expect(entryOf(incident(said), null).incident).toMatchObject(wanted);
  });

  it("its progress, cut", () => {
    const current = { progress: "x".repeat(5_000), body: "" };
    expect(entryOf(incident({}, { current }), null).incident.progress).toBe(`${"x".repeat(39)}…`);
  });

  it("what is told by the events and runs themselves", () => {
    const told = { progress: "Triggered", opened_at: 1_000, last_event_at: 2_000, events: 3, runs: 1, version: 7 };
    expect(entryOf(incident(), null).incident).toMatchObject({ ...told, asked: [0] });
  });

  it("what it is found by: title, id, number, labels, and the hosts that no label names", () => {
    const said = { title: "CPU idle", num: "0E83EE", labels: { resource: "es.nj.01" } };
    const [host, other] = [runOf(), runOf({ key: "es.nj.02" })].map((run) => ({ ...run, changes: 1 }));
    if (host === undefined || other === undefined) throw new Error("there are two");
    const words = ["CPU idle", "incident-1", "0E83EE", "resource es.nj.01"];
    expect(entryOf(incident(said), null).incident.words).toBe(words.join(" "));
    expect(entryOf(incident(said, { runs: [host, other] }), null).incident.words).toBe(
      [...words, "es.nj.02"].join(" "),
    );
  });

  it("what is left where this release cannot read its body", () => {
    const unreadable = incident({}, { current: { progress: "Closed", body: "no JSON" } });
    expect(entryOf(unreadable, null).incident).toMatchObject({
      title: "",
      progress: "Closed",
      words: "incident-1 es.nj.01",
    });
  });
});

describe("of runs the index has", () => {
  it.each<[string, ReadonlySet<string> | null, number]>([
    ["all, where it is not known which have changed", null, 1],
    ["those that have changed", new Set(["incident-1:event-1:restart-host"]), 1],
    ["no others", new Set(["incident-1:event-2:restart-host"]), 0],
  ])("%s", (_, changed, count) => {
    expect(entryOf(incident(), changed).runs).toHaveLength(count);
  });

  it("the time at which it was first asked for, whatever became of it; its changes are its version", () => {
    const again = { ...end(runOf(), "failed", "r".repeat(500), 9_000), planned_at: 8_000, changes: 4 };
    const [run] = entryOf(incident({}, { runs: [again] }), null).runs;
    expect(run).toMatchObject({ asked_at: 0, planned_at: 8_000, ended_at: 9_000, state: "failed", version: 4 });
    expect(run?.reason).toHaveLength(300);
  });
});
