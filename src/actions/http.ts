// The connector for anything that takes an HTTP request: a webhook, a job runner, a small API.
import type { Outcome } from "../domain/run.ts";
import { notDone } from "./answer.ts";
import type { Connector, Given } from "./connector.ts";
import { type Asking, type Json, target } from "./target.ts";

export interface HttpSpec<Params> {
  /** The settings' prefix: `<PREFIX>_URL` holds the address, `<PREFIX>_TOKEN`, where set, goes as `Authorization: Bearer`. */
  settings: string;
  method: Asking["method"];
  /** The other end looks at the `Idempotency-Key`, or bears being asked twice. GET and PUT do by their nature. */
  repeatable?: boolean;
  path?: (given: Given<Params>) => readonly string[];
  query?: (given: Given<Params>) => NonNullable<Asking["query"]>;
  headers?: (given: Given<Params>) => Readonly<Record<string, string>>;
  body?: (given: Given<Params>) => Json;
}

/** One request, done when it is answered with 2xx. `Idempotency-Key` is the run's id: by it a target tells a repetition. */
export function http<Params>(spec: HttpSpec<Params>): Connector<Params> {
  if (spec.method === "GET" && spec.body !== undefined) throw new Error(`${spec.settings}: a GET has no body`);
  const server = target(spec.settings, { token: "optional", is_secret_url: true });
  return {
    name: `HTTP (${spec.settings})`,
    settings: server.settings,
    repeatable: spec.repeatable ?? ["GET", "PUT"].includes(spec.method),
    start: async (given): Promise<Outcome> => {
      const answer = await server.ask(given, {
        method: spec.method,
        acts: true,
        path: spec.path?.(given) ?? [],
        query: spec.query?.(given) ?? {},
        headers: spec.headers?.(given) ?? {},
        json: spec.body?.(given),
      });
      const status = answer.kind === "answered" ? answer.status : 0;
      return notDone(answer) ?? { kind: "succeeded", summary: `the target answered ${status}` };
    },
  };
}
