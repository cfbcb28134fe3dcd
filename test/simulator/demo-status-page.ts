// The part of the demo's story that is about the status page: put up once, and brought up to date as the incident moves on.

import { INCIDENT } from "./demo-systems.ts";
import { bothShow, ended, entryOn, event, press, runId } from "./demo-scene.ts";
import type { Found, Scene, Stage } from "./demo-scene.ts";
import type { Progress } from "./push-body.ts";

const MINUTE_MS = 60_000;

/** It is put up by two presses, and follows. */
export function onThePage(stage: Stage): Scene[] {
  const pressed = (promise: string, after_ms: number, comes_to: string): Scene => {
    const { push, run_id } = press("update-status-page", after_ms);
    const found = async (): Promise<Found> => {
      const { state } = await ended(stage, run_id);
      const { status, updates } = entryOn(stage);
      return [`page: ${status}, ${updates} update`, state === comes_to && status === "investigating" && updates === 1];
    };
    return { sent: "press update-status-page", promise, push, answer: "200 accepted", found };
  };
  return [
    pressed("put up", 20_000, "succeeded"),
    pressed("pressed twice, done once", 25_000, "skipped"),
    followed(stage, "i_ack", MINUTE_MS, { progress: "Processing", on_page: "identified" }),
    {
      sent: "i_assign, 8 minutes late",
      promise: "changes nothing",
      push: event("i_assign", -8 * MINUTE_MS, "Triggered").push,
      answer: "200 stale",
      found: async () => bothShow(stage, "Processing", "identified"),
    },
  ];
}

/** An event of the incident, which the status page follows by the playbook's rule. */
export function followed(
  stage: Stage,
  event_type: string,
  after_ms: number,
  { progress, on_page }: { progress: Progress; on_page: string },
): Scene {
  const { push, event_id } = event(event_type, after_ms, progress);
  return {
    before: () => stage.systems.api.change_incident(INCIDENT, { progress }),
    sent: event_type,
    promise: "shown, and on the page",
    push,
    answer: "200 accepted",
    found: async () => {
      const { state } = await ended(stage, runId(event_id, "update-status-page"));
      const [words, holds] = await bothShow(stage, progress, on_page);
      return [words, state === "succeeded" && holds];
    },
  };
}
