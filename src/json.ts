// Text that should be JSON, as any system writes it. What Flashduty's pushes need beyond that is in flashduty/json.ts.

/** The text as JSON; undefined where it is none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
