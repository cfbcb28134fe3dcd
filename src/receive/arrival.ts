// A push on arrival: where it came to, where from, and when.
import { type Span, spanUnder } from "../trace.ts";

/** The address it came to: the incident webhook's, that of a custom action's button, or one that is neither. */
export type Destination = { kind: "incident" } | { kind: "action"; action: string } | { kind: "nowhere" };

export interface Arrival {
  destination: Destination;
  /** What a custom action's address carries for the action. */
  query: URLSearchParams;
  /** As it was called, for the quarantine: a replay goes there again. */
  path_and_query: string;
  /** Who sent it: `CF-Connecting-IP`, which the edge sets, and nothing else. "" where it is missing. */
  source: string;
  /** Milliseconds. */
  received_at: number;
  /** Of the work that the push makes: in the sender's trace, where it names one. */
  span: Span;
}

export function arrivalOf(request: Request, destination: Destination, received_at: number): Arrival {
  const { pathname, search, searchParams } = new URL(request.url);
  const source = request.headers.get("CF-Connecting-IP") ?? "";
  const span = spanUnder(request.headers.get("traceparent"));
  return { destination, query: searchParams, path_and_query: pathname + search, source, received_at, span };
}

/** What was kept, as it once came: to where it was called. `span`: of whoever looks at it again. */
export function arrivalAgain(kept: Pick<Arrival, "path_and_query" | "source" | "received_at" | "span">): Arrival {
  const { pathname, searchParams } = new URL(`https://edge.invalid${kept.path_and_query}`);
  return { ...kept, destination: destinationOf(pathname), query: searchParams };
}

export function destinationOf(pathname: string): Destination {
  const [, root, kind, action, ...more] = pathname.split("/").map(decoded);
  if (root !== "webhooks" || more.length > 0) return { kind: "nowhere" };
  if (kind === "incident" && action === undefined) return { kind: "incident" };
  return kind === "action" && action ? { kind: "action", action } : { kind: "nowhere" };
}

/** What cannot be decoded is taken as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
