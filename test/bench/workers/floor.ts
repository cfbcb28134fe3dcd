// The floor: a receiver that does only what no receiver can leave out. It reads the body, asks KV and the object at the
// same time, keeps one row and one alarm, answers, and lets KV remember. No door, no validation, no order, no runs, no
// log: what the real receiver takes beyond this is the price of its promises, and that is what the benchmark measures.
import { DurableObject } from "cloudflare:workers";

/** The bindings of the real one: both Workers run on the project's wrangler.toml. */
interface Bindings {
  SEEN: KVNamespace;
  INCIDENT: DurableObjectNamespace<Incident>;
}

const DAY_MS = 24 * 60 * 60_000;
const TABLE = "CREATE TABLE IF NOT EXISTS events (event_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID";

/** The configuration names them; a floor calls nobody, and guards nothing. */
export class Quota extends DurableObject<Bindings> {}
export class Guard extends DurableObject<Bindings> {}
export class Register extends DurableObject<Bindings> {}

export class Incident extends DurableObject<Bindings> {
  #isReady = false;

  receive(event_id: string, body: string): string {
    const { sql } = this.ctx.storage;
    if (!this.#isReady) sql.exec(TABLE);
    this.#isReady = true;
    sql.exec("INSERT INTO events (event_id, body) VALUES (?, ?)", event_id, body);
    void this.ctx.storage.setAlarm(Date.now() + DAY_MS);
    return "accepted";
  }

  override alarm(): void {
    // A day later than any benchmark ends.
  }
}

/** Taken on trust: without them there is neither an object to call nor a key to remember. */
interface Ids {
  event_id: string;
  incident: { incident_id: string };
}

export default {
  async fetch(request, env, ctx) {
    if (request.method !== "POST") return new Response("up");
    const body = await request.text();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the floor validates nothing: that is its point
    const { event_id, incident } = JSON.parse(body) as Ids;
    const seen = env.SEEN.get(event_id);
    const result = await env.INCIDENT.getByName(incident.incident_id).receive(event_id, body);
    ctx.waitUntil(seen.then(async () => env.SEEN.put(event_id, "1", { expirationTtl: DAY_MS / 1_000 })));
    return Response.json({ result, event_id });
  },
} satisfies ExportedHandler<Bindings>;
