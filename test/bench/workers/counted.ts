// The receiver itself, with a counter at each of its bindings: what a push costs is counted, not guessed. Everything but
// the bindings is the real thing. GET /counts tells what was counted, and starts anew.
import worker, { Guard as RealGuard, Incident as RealIncident, Register as RealRegister } from "./roomy.ts";
import { type Counts, none } from "../counts.ts";

/** Objects and handlers of a Worker share one isolate here, and so these. */
let counts = none();
/** Statements of which not all rows may be written yet. */
let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
/** When the last alarm that an incident has set is due. */
let alarm_at: number | null = null;

export { Quota } from "./roomy.ts";

export class Incident extends RealIncident {
  constructor(ctx: DurableObjectState, env: Env) {
    countStorage(ctx.storage, (at) => {
      alarm_at = at;
    });
    super(ctx, countedBindings(env));
  }

  override async alarm(): Promise<void> {
    counts.alarms += 1;
    alarm_at = null;
    return super.alarm();
  }
}

/** Its alarm looks, once a minute at most, at whatever has been started by then: no push waits for it. */
export class Guard extends RealGuard {
  constructor(ctx: DurableObjectState, env: Env) {
    countStorage(ctx.storage, () => undefined);
    super(ctx, countedBindings(env));
  }

  override async alarm(): Promise<void> {
    counts.alarms += 1;
    return super.alarm();
  }
}

/** Which incidents there are: a row for each. */
export class Register extends RealRegister {
  constructor(ctx: DurableObjectState, env: Env) {
    countStorage(ctx.storage, () => undefined);
    super(ctx, env);
  }
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/counts") return Response.json(told());
    counts.requests += 1;
    return worker.fetch(request, countedBindings(env), ctx);
  },
  async queue(batch, env, ctx) {
    return worker.queue(batch, countedBindings(env), ctx);
  },
} satisfies ExportedHandler<Env>;

function told(): Counts & { alarm_at: number | null } {
  const rows = cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0);
  const said = { ...counts, object_rows: counts.object_rows + rows, alarm_at };
  counts = none();
  cursors = [];
  return said;
}

/** The storage is the runtime's own object, which checks that it is itself: so it is changed, not wrapped. */
function countStorage(storage: DurableObjectStorage, onAlarmSet: (at: number) => void): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  sql.exec = <T extends Record<string, SqlStorageValue>>(query: string, ...values: unknown[]) => {
    const cursor = statements(query, values).reduce<SqlStorageCursor<T> | null>((_, statement) => {
      const cursor = exec<T>(statement, ...values);
      cursors.push(cursor);
      return cursor;
    }, null);
    return cursor ?? exec<T>(query, ...values);
  };
  storage.setAlarm = async (at, options) => {
    counts.object_rows += 1;
    onAlarmSet(Number(at));
    return setAlarm(at, options);
  };
}

/** A cursor tells the rows of its last statement only, so each goes on its own. (Crude; where it cuts wrongly, SQLite says so.) */
function statements(query: string, values: readonly unknown[]): string[] {
  return values.length > 0 ? [query] : query.split(/;\s*(?=\S)/);
}

/** The bindings; each of their methods that costs something is counted when it is called. */
function countedBindings(env: Env): Env {
  return {
    ...env,
    SEEN: watched(env.SEEN, (method) => {
      if (method === "get" || method === "getWithMetadata") counts.kv_reads += 1;
      else counts.kv_writes += 1;
    }),
    INCIDENT: watched(env.INCIDENT, () => undefined, countedStub),
    GUARD: watched(env.GUARD, () => undefined, countedStub),
    REGISTER: watched(env.REGISTER, () => undefined, countedStub),
    RUNS: watched(env.RUNS, (method, [first]) => {
      counts.queue_operations += 3 * (method === "sendBatch" && Array.isArray(first) ? first.length : 1);
    }),
    DB: watched(
      env.DB,
      () => undefined,
      (made, [sql]) => countedStatement(made, isOfTallies(sql) ? "tally_rows" : "index_rows"),
    ),
  };
}

function countedStub(stub: unknown): unknown {
  return isObject(stub) ? watched(stub, () => (counts.object_calls += 1)) : stub;
}

/** A row of counts comes by the clock, and must not seem to be some push's. */
function isOfTallies(sql: unknown): boolean {
  return typeof sql === "string" && /\b(?:tallies|drift)\b/.test(sql);
}

/** A statement of D1, and each that is made of it by `bind`; its result tells the rows, as that of a batch does. */
function countedStatement(made: unknown, rows: "index_rows" | "tally_rows"): unknown {
  if (made instanceof Promise) return made.then((result: Answer | Answer[]) => countedResult(result, rows));
  return isObject(made)
    ? watched(
        made,
        () => undefined,
        (returned) => countedStatement(returned, rows),
      )
    : made;
}

interface Answer {
  meta?: { rows_written?: number };
}

function countedResult(result: Answer | Answer[], rows: "index_rows" | "tally_rows"): Answer | Answer[] {
  for (const { meta } of Array.isArray(result) ? result : [result]) counts[rows] += meta?.rows_written ?? 0;
  return result;
}

/** Stands for `target`: `onCall` is told of each call of a method, and `replace` may put something else for what it returns. */
function watched<T extends object>(
  target: T,
  onCall: (method: string, values: readonly unknown[]) => void,
  replace = (returned: unknown, _values: readonly unknown[]): unknown => returned,
): T {
  return new Proxy(target, {
    get(_, name): unknown {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function" || typeof name === "symbol" || name === "then") return value;
      return (...values: unknown[]): unknown => {
        onCall(name, values);
        const returned: unknown = Reflect.apply(value, target, values);
        return replace(returned, values);
      };
    },
  });
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" || typeof value === "function") && value !== null;
}
