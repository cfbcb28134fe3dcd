// The receiver as an operator sees it: the admin API, asked over the wire. Answers are read, not believed.
import * as z from "zod";

const Run = z.looseObject({
  run_id: z.string(),
  incident_id: z.string(),
  action: z.string(),
  key: z.string(),
  state: z.string(),
  reason: z.string(),
  fence: z.number(),
  round: z.number(),
  person_id: z.string(),
  asked_by: z.string(),
  same_as: z.string(),
  approval: z.unknown(),
  /** Milliseconds, like all times here. */
  planned_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  trail: z.array(z.object({ at: z.number(), what: z.string(), by: z.string(), text: z.string() })),
});
export type RunSeen = z.output<typeof Run>;

const Incident = z.looseObject({
  current_event_id: z.string(),
  incident: z.looseObject({ progress: z.string(), title: z.string() }),
  events: z.array(z.looseObject({ event_id: z.string(), disposition: z.string(), address: z.string() })),
  runs: z.array(Run),
});
export type IncidentSeen = z.output<typeof Incident>;

/** A person's word by the switch; without an action, about everything. */
export interface SwitchChange {
  action?: string;
  set: "stopped" | "running" | "breaker_closed";
  by: string;
  reason: string;
}

const Switches = z.object({
  stops: z.array(z.looseObject({ action: z.string().nullable(), by: z.string() })),
  rulings: z.array(z.looseObject({ what: z.string(), action: z.string().nullable(), by: z.string() })),
});

const Quarantine = z.object({ items: z.array(z.looseObject({ id: z.string(), why: z.string() })) });

/** States that a run does not leave by itself. */
const ENDED = new Set(["succeeded", "failed", "skipped", "unknown", "expired", "cancelled"]);

export interface Receiver {
  incident(incident_id: string): Promise<IncidentSeen | null>;
  run(run_id: string): Promise<RunSeen | null>;
  /** Waits until the run has ended; rejects with its last state after `within_ms`. */
  ended(run_id: string, within_ms: number): Promise<RunSeen>;
  quarantine(): Promise<z.output<typeof Quarantine>["items"]>;
  /** Changes the switch; the switches as they are afterwards, and how it came to that, the newest first. */
  change(change: SwitchChange): Promise<z.output<typeof Switches>>;
}

/** The receiver at `url`, for whoever has the admin token. */
export function receiverAt(url: string, admin_token: string): Receiver {
  const headers = { Authorization: `Bearer ${admin_token}`, "Content-Type": "application/json" };
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${url}/admin/api/${path}`, { headers, ...init });
    if (response.status === 404) return null;
    if (response.ok) return response.json();
    throw new Error(`${init.method ?? "GET"} /admin/api/${path}: ${response.status} ${await response.text()}`);
  };
  const run = async (run_id: string) => Run.nullable().parse(await ask(`runs/${encodeURIComponent(run_id)}`));
  return {
    run,
    incident: async (id) => Incident.nullable().parse(await ask(`incidents/${encodeURIComponent(id)}`)),
    change: async (change) => Switches.parse(await ask("switch", { method: "PUT", body: JSON.stringify(change) })),
    quarantine: async () => Quarantine.parse(await ask("quarantine?limit=100")).items,
    ended: async (run_id, within_ms) => {
      const until = performance.now() + within_ms;
      for (;;) {
        const seen = await run(run_id);
        if (seen !== null && ENDED.has(seen.state)) return seen;
        if (performance.now() > until) throw new Error(`${run_id} is still ${seen?.state ?? "not known"}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
