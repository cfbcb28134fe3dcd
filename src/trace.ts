// W3C Trace Context: which trace a piece of work belongs to, and under which span. A push takes over the sender's trace or
// begins one, its runs carry it along, targets are told. `tracestate` is dropped, as one may: it is for the sender's own systems.

/** One piece of work: a push, an attempt at a run, a change by an admin. Ids are lowercase hex, as in `traceparent`. */
export interface Span {
  trace_id: string;
  span_id: string;
  /** Of whoever asked for the work; none where the trace begins with it. */
  parent_span_id?: string;
  /** The two bits that the standard knows: sampled, and a trace id that is random. */
  flags: string;
}

/** Every span here is recorded, as a line of the log; and our ids are random. */
const FRESH_FLAGS = "03";
const KNOWN_FLAGS = 0b11;

/** A new span in the trace that the `traceparent` names; where that is missing or malformed, in a trace of its own. */
export function spanUnder(traceparent: string | null | undefined): Span {
  const parent = parseTraceparent(traceparent ?? "");
  const span_id = randomHex(8);
  if (parent === null) return { trace_id: randomHex(16), span_id, flags: FRESH_FLAGS };
  return { trace_id: parent.trace_id, span_id, parent_span_id: parent.span_id, flags: parent.flags };
}

/** By it others continue the trace under this span. */
export function traceparentOf({ trace_id, span_id, flags }: Omit<Span, "parent_span_id">): string {
  return `00-${trace_id}-${span_id}-${flags}`;
}

/** What a line of the log says of a span. */
export function idsOf(span: Span): Omit<Span, "flags"> {
  const { flags: _, ...ids } = span;
  return ids;
}

/** The same of the span that a `traceparent` names; nothing where it names none. */
export function idsIn(traceparent = ""): Partial<Omit<Span, "flags">> {
  const span = parseTraceparent(traceparent);
  return span === null ? {} : idsOf(span);
}

/**
 * The span that a `traceparent` names; null where it is to be ignored. Of a version to come, the part that is known is read.
 * https://www.w3.org/TR/trace-context-2/#traceparent-header
 */
export function parseTraceparent(header: string): Omit<Span, "parent_span_id"> | null {
  const parts = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/.exec(header);
  if (parts === null) return null;
  const [, version, trace_id = "", span_id = "", flags = "", more] = parts;
  if (version === "00" && more !== "") return null;
  return { trace_id, span_id, flags: `0${parseInt(flags, 16) & KNOWN_FLAGS}` };
}

function randomHex(bytes: number): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return random.join("");
}
