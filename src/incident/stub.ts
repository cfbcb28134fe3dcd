// The way to an incident's object. A stub is broken once a call through it threw, so each call gets a new one.

/** The runtime repeats failed calls by itself, for longer than a sender waits: bounded here, and again by our own deadline. */
const RETRY = { maxRetries: 2, timeoutMs: 2_000 };

export function incidentOf(env: Env, incident_id: string): ReturnType<Env["INCIDENT"]["getByName"]> {
  return env.INCIDENT.getByName(incident_id, { retry: RETRY });
}
