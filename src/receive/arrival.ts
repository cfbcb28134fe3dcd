// A push on arrival: where it came to, where from, and when.

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
}

export function arrivalOf(request: Request, destination: Destination, received_at: number): Arrival {
  const { pathname, search, searchParams } = new URL(request.url);
  const source = request.headers.get("CF-Connecting-IP") ?? "";
  return { destination, query: searchParams, path_and_query: pathname + search, source, received_at };
}
