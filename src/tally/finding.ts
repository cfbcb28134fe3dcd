// Drift: what a push shows that no document of the vendor names. It is taken all the same; here it is noticed, with an example,
// so that a person hears of a change before something depends on it.
import { EVENT_TYPES } from "../flashduty/event-type.ts";
import { parseJson } from "../flashduty/json.ts";
import { KNOWN_FIELDS, type KnownFields } from "../flashduty/known-fields.ts";
import type { DRIFTS } from "./metric.ts";

export type DriftKind = (typeof DRIFTS)[number];

/** One finding: the type, the field's path, the address; and an example. */
export interface Finding {
  kind: DriftKind;
  what: string;
  example: string;
}

/** Of one push: names come from outside, and so does their number. */
const MOST_FINDINGS = 20;
const WHAT_CHARACTERS = 100;
const EXAMPLE_CHARACTERS = 200;
/** Of a list, its first entries: the others look alike. */
const MOST_ENTRIES = 20;

/** What is new about a push that was taken: its type, and the fields of its body. Values of `labels` and `fields` are the user's. */
export function driftOf(event_type: string, body: string): Finding[] {
  const known_types: readonly string[] = EVENT_TYPES;
  const found = known_types.includes(event_type) ? [] : [finding("event_type", event_type, event_type)];
  walk(parseJson(body), KNOWN_FIELDS, "", found);
  return found;
}

function walk(value: unknown, known: KnownFields, path: string, found: Finding[]): void {
  if (Array.isArray(value)) {
    for (const entry of value.slice(0, MOST_ENTRIES)) walk(entry, known, `${path}[]`, found);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (found.length >= MOST_FINDINGS) return;
    const here = path === "" ? name : `${path}.${name}`;
    const within = Object.hasOwn(known, name) ? known[name] : undefined;
    if (within === undefined) note(finding("field", here, inner), found);
    else if (within !== null) walk(inner, within, here, found);
  }
}

/** The entries of a list show the same field once. */
function note(one: Finding, found: Finding[]): void {
  if (!found.some(({ kind, what }) => kind === one.kind && what === one.what)) found.push(one);
}

/** What a field of such a name holds is nobody's business. */
const SECRET_NAME = /token|secret|passw|credential|api_?key|authorization/i;

export function finding(kind: DriftKind, what: string, example: unknown): Finding {
  const text = JSON.stringify(withoutSecrets(what, example), withoutSecrets) ?? "";
  return {
    kind,
    what: what.slice(0, WHAT_CHARACTERS).toWellFormed(),
    example: text.slice(0, EXAMPLE_CHARACTERS).toWellFormed(),
  };
}

function withoutSecrets(name: string, value: unknown): unknown {
  return SECRET_NAME.test(name) ? "(hidden)" : value;
}
