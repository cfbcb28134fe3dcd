import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, eventOf, parseRunId, pushKey, runId } from "../../src/domain/event.ts";
import { eventId, incidentId } from "./arbitraries.ts";
import { pushOf } from "./bodies.ts";

const action = fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/);
const key = fc.record({ incident_id: incidentId, event_id: eventId, action });

describe("a run_id", () => {
  it("tells incident, event and action", () => {
    const run_id = runId({ incident_id: "6551f388", event_id: "fac0599a", action: "restart-host" });
    expect(run_id).toBe("6551f388:fac0599a:restart-host");
  });

  it("gives back the very parts it was made of, colons in the event's id included", () => {
    const property = fc.property(key, (key) => {
      expect(parseRunId(runId(key))).toEqual(key);
    });
    fc.assert(property, { numRuns: 2_000 });
    const colons = { incident_id: "i", event_id: "::e:", action: "a" };
    expect(parseRunId(runId(colons))).toEqual(colons);
  });

  it("names one run only", () => {
    const property = fc.property(key, key, (one, other) => {
      const is_same = JSON.stringify(one) === JSON.stringify(other);
      expect(runId(one) === runId(other)).toBe(is_same);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it.each(["", ":", "::", ":::", "i", "i:e", "i:e:", ":e:a", "i::a", "i:e\u0000"])("is not %j", (text) => {
    expect(parseRunId(text)).toBeNull();
  });

  it("may be asked for by any text", () => {
    const property = fc.property(fc.string({ unit: "binary" }), (text) => {
      const parsed = parseRunId(text);
      if (parsed !== null) expect(runId(parsed)).toBe(text);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

const at = (address: Address) => pushKey({ incident_id: "i", event_id: "e", address });

describe("an event", () => {
  it("is what its push says, and how it arrived", () => {
    const push = pushOf({ event_type: "i_ack", event_time: null }, { progress: "Processing" });
    const event = eventOf(push, { address: "action/enrich", received_at: 7, body: "as it came" });
    expect(event).toEqual({
      incident_id: "incident-1",
      event_id: "event-1",
      event_type: "i_ack",
      event_time: null,
      progress: "Processing",
      address: "action/enrich",
      received_at: 7,
      body: "as it came",
    });
  });

  it("is another push at another address, and the same at the same", () => {
    expect(at("incident")).toBe(at("incident"));
    expect(new Set([at("incident"), at("action/enrich"), at("action/rollback")]).size).toBe(3);
  });

  it("has a key that KV takes: 512 bytes at most", () => {
    const longest = { incident_id: "x".repeat(128), event_id: "x".repeat(200), action: "x".repeat(63) };
    expect(pushKey({ ...longest, address: `action/${longest.action}` }).length).toBeLessThanOrEqual(512);
  });
});
