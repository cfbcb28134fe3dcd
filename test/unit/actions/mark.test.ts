import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { notYet } from "../../../src/actions/mark.ts";

const NOW = Date.UTC(2026, 0, 1);
const ATTEMPT = { run_id: "incident-1:event-1:restart-host", planned_at: NOW - 600_000, may_have_acted: true };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an attempt that has not found what an earlier one may have started", () => {
  it.each([
    [0, 10_000],
    [10_000, 10_000],
    [110_000, 10_000],
    [115_000, 5_000],
    [119_999, 1],
  ])("is held %i ms after that one, and looks again in %i ms", (ago_ms, after_ms) => {
    const outcome = notYet({ ...ATTEMPT, unclear_at: NOW - ago_ms });
    expect(outcome).toEqual({
      kind: "held",
      reason: "whether an earlier attempt has started it cannot be told yet",
      after_ms,
    });
  });

  it.each([120_000, 3_600_000])("starts it %i ms after that one", (ago_ms) => {
    expect(notYet({ ...ATTEMPT, unclear_at: NOW - ago_ms })).toBeNull();
  });

  it("starts it where it is not known when that one ended", () => {
    expect(notYet({ ...ATTEMPT, unclear_at: null })).toBeNull();
  });

  it("starts it at once where no earlier one can have", () => {
    expect(notYet({ ...ATTEMPT, may_have_acted: false, unclear_at: NOW })).toBeNull();
  });
});
