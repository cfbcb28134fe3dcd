// A system that quotes its request whatever it is asked. To each kind of request it first says all that is wrong in every
// vendor's words; after that it answers well, so that the next kind is reached, and quotes the request in what it tells.

import { serveSystem } from "../../simulator/system.ts";
import type { System } from "../../simulator/system.ts";
import { TURNS, WRONG, quoteOf } from "./echo.ts";
import type { Kind } from "./kind.ts";
import type { Marks } from "./marks.ts";

export interface EchoingSystem extends System {
  prefix: string;
  /** The kinds of requests that have not been answered in every way yet. */
  unserved: () => string[];
  /** What it was asked, and could not make sense of. */
  strange: readonly string[];
}

/** Good answers that each kind gives before it is done with. */
const WELL_AT_LEAST = 3;

/** Serves one, for the connector whose settings begin with `prefix`. */
export async function serveEchoing(prefix: string, kinds: readonly Kind[], marks: Marks): Promise<EchoingSystem> {
  const counts = new Map<string, number>(kinds.map(({ name }) => [name, 0]));
  const strange: string[] = [];
  let turn = 0;
  const system = await serveSystem((asked) => {
    const kind = kinds.find(({ is }) => is(asked));
    if (kind === undefined) {
      strange.push(`${asked.method} ${asked.path}`);
      return { status: 404 };
    }
    const number = counts.get(kind.name) ?? 0;
    counts.set(kind.name, number + 1);
    turn += 1;
    const quote = quoteOf(asked, marks, turn);
    return WRONG[number]?.(quote) ?? kind.well(quote, asked, number);
  });
  const isServed = (name: string) => (counts.get(name) ?? 0) >= WRONG.length + WELL_AT_LEAST;
  const unserved = () => [
    ...kinds.flatMap(({ name, is_rare }) => (is_rare || isServed(name) ? [] : [`${prefix}: ${name}`])),
    ...(turn < TURNS ? [`${prefix}: ${TURNS - turn} turns`] : []),
  ];
  return { ...system, prefix, unserved, strange };
}
