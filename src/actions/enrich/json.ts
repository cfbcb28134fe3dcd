// Any system that answers with JSON: a catalogue of services, who is on call, a list of runbooks.
import type * as z from "zod";
import type { Values } from "../../domain/run.ts";
import type { Given } from "../connector.ts";
import { reader, readAnswer, type Source } from "./source.ts";
import type { Asking } from "../target.ts";

interface JsonSpec<Params, Answer> {
  /** The settings' prefix: `<PREFIX>_URL` is the address that path and query are added to. */
  settings: string;
  /** As people call it: "Service catalogue". */
  name: string;
  /** Each is one segment. Where one is missing or empty, nothing is asked. */
  path?: (given: Given<Params>) => readonly (string | undefined)[];
  /** Where one is missing or empty, nothing is asked. */
  query?: (given: Given<Params>) => NonNullable<Asking["query"]>;
  /** The headers that carry `<PREFIX>_TOKEN`; by default Bearer, or Basic for `user:password`. */
  authorize?: (token: string) => Record<string, string>;
  /** What of the answer is needed, and how it must be. */
  schema: z.ZodType<Answer>;
  /** What a person is to read of it. */
  lines: (answer: NoInfer<Answer>, given: Given<Params>) => readonly string[];
  values?: (answer: NoInfer<Answer>, given: Given<Params>) => Values;
  links?: (answer: NoInfer<Answer>, given: Given<Params>) => readonly string[];
}

/** Needs `<PREFIX>_URL`; `<PREFIX>_TOKEN` where the system wants it. */
export function json<Params, Answer>(spec: JsonSpec<Params, Answer>): Source<Params> {
  const system = reader(spec.settings, spec.authorize && { authorize: spec.authorize });
  return {
    name: spec.name,
    settings: system.settings,
    read: async (given) => {
      const path = spec.path?.(given) ?? [];
      const query = spec.query?.(given) ?? {};
      const known = path.filter((segment) => segment !== undefined).filter((segment) => segment !== "");
      const is_missing = Object.values(query).some((part) => part === undefined || part === "");
      if (is_missing || known.length < path.length) return { kind: "not_asked" };
      const answer = readAnswer(await system.get(given, { path: known, query }), spec.schema);
      if (!answer.ok) return answer.finding;
      const { value } = answer;
      return {
        kind: "found",
        lines: spec.lines(value, given),
        values: spec.values?.(value, given) ?? {},
        links: spec.links?.(value, given) ?? [],
      };
    },
  };
}
