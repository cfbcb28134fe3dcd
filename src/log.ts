// One wide line of JSON for each unit of work: `noun.verb`, ids and outcome. Never a payload, never a secret.

type Value = string | number | boolean | null | undefined;

export function log(what: string, about: Record<string, Value | readonly string[]>): void {
  console.log(JSON.stringify({ what, ...about }));
}
