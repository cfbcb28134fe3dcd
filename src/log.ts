// One wide line of JSON for each unit of work: `noun.verb`, ids and outcome. Never a payload, never a secret.

type Value = string | number | boolean | null | undefined;

export function log(what: string, about: Record<string, Value | readonly string[]>): void {
  console.log(JSON.stringify({ what, ...about }));
}

/** An error for the log: its name and message, cut. Errors of ours and of the platform carry no settings' values. */
export function describe(error: unknown): string {
  return String(error).slice(0, 300);
}
