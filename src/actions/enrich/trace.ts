// Traces, as a person wants to hear of them: how many, the slowest, and where to look at it. For Jaeger and Tempo.
import type { ConnectorSetting } from "../../config.ts";
import type { Finding } from "./source.ts";
import { lasting } from "./measure.ts";

export interface Trace {
  /** Hexadecimal. */
  id: string;
  /** Its first service and what that did. */
  name: string;
  duration_ms: number;
}

/** Where a trace is looked at: an address with `{trace_id}` in the place of its id. */
export function linkSetting(prefix: string): ConnectorSetting {
  return { name: `${prefix}_LINK`, kind: "text", required: false };
}

/** What there is to tell of the traces that were found; `template` is as in the setting, undefined for no links. */
export function toldOf(
  name: string,
  traces: readonly Trace[],
  { over_s, limit, template }: { over_s: number; limit: number; template: string | undefined },
): Finding {
  const values = { [name]: traces.length };
  const [slowest] = traces.toSorted((one, other) => other.duration_ms - one.duration_ms);
  if (slowest === undefined) return { kind: "found", lines: [], values };
  const count = `${traces.length}${traces.length >= limit ? " or more" : ""}`;
  const took = `${lasting(slowest.duration_ms)} (${slowest.name})`;
  return {
    kind: "found",
    lines: [`${name}: ${count} in ${lasting(over_s * 1_000)}, the slowest ${took}`],
    values,
    links: template === undefined ? [] : [template.replaceAll("{trace_id}", encodeURIComponent(slowest.id))],
  };
}
