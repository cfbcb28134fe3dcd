// Parts of the platform that fail or hang, on demand; everything else of them is the real one.
import { env } from "cloudflare:workers";
import type { Incident } from "../../src/incident/object.ts";

type Methods<T> = Partial<Record<keyof T, unknown>>;

/** `real`, with some of its methods replaced. */
export function standIn<T extends object>(real: T, replaced: Methods<T>): T {
  return new Proxy(real, {
    get(_, name): unknown {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const value: unknown = Reflect.get(real, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]): unknown => Reflect.apply(value, real, given);
    },
  });
}

/** Incidents whose objects answer some calls otherwise. */
export function incidentsWith(replaced: Methods<Incident>): Env["INCIDENT"] {
  return standIn(env.INCIDENT, {
    getByName: (incident_id: string) => standIn(env.INCIDENT.getByName(incident_id), replaced),
  });
}

/** Hangs. */
export const hang = async () => new Promise<never>(() => undefined);

/** Fails. */
export const fail = async () => Promise.reject(new Error("the platform is out of order"));
