// The receiver as an operator sees it: the admin API, asked over the wire. Answers are read, not believed.
import * as z from "zod";

const Run = z.looseObject({ run_id: z.string(), state: z.string(), reason: z.string(), fence: z.number() });
export type RunSeen = z.output<typeof Run>;

const Incident = z.looseObject({
  current_event_id: z.string(),
  incident: z.looseObject({ progress: z.string(), title: z.string() }),
  events: z.array(z.looseObject({ event_id: z.string(), disposition: z.string(), address: z.string() })),
  runs: z.array(Run),
});
export type IncidentSeen = z.output<typeof Incident>;

const Quarantine = z.object({ items: z.array(z.looseObject({ id: z.string(), why: z.string() })) });

/** States that a run does not leave by itself. */
const ENDED = new Set(["succeeded", "failed", "skipped", "unknown", "expired", "cancelled"]);

export interface Receiver {
  incident(incident_id: string): Promise<IncidentSeen | null>;
  run(run_id: string): Promise<RunSeen | null>;
  /** Waits until the run has ended; rejects with its last state after `within_ms`. */
  ended(run_id: string, within_ms: number): Promise<RunSeen>;
  quarantine(): Promise<z.output<typeof Quarantine>["items"]>;
}

/** The receiver at `url`, for whoever has the admin token. */
export function receiverAt(url: string, admin_token: string): Receiver {
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/admin/api/${path}`, { headers: { Authorization: `Bearer ${admin_token}` } });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`GET /admin/api/${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const run = async (run_id: string) => Run.nullable().parse(await ask(`runs/${encodeURIComponent(run_id)}`));
  return {
    run,
    incident: async (id) => Incident.nullable().parse(await ask(`incidents/${encodeURIComponent(id)}`)),
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
