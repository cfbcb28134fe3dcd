// JSON as Flashduty writes it: 64-bit ids, which a number of JavaScript cannot hold,
// and, where a custom request body is configured, placeholders that were left unfilled.

/**
 * How much a push may hold. A genuine one of a whole megabyte has some 6,000 lists and maps, five deep; what has more would
 * cost whoever walks through it more stack, memory and time than a Worker has.
 */
export const MOST = { deep: 100, lists_and_maps: 10_000, values: 50_000 };

/** Where a number can stand: one of 16 digits and more, or with an exponent of three. */
const ODD_NUMBER = /(?:^|[:,[])\s*-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;

/**
 * The value, or undefined where the text is not JSON. Numeric ids too large for a number come as their digits, exact;
 * numbers beyond all doubles as null.
 */
export function parseJson(text: string): unknown {
  try {
    return ODD_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The third argument of a reviver, as ECMAScript 2026 has it; TypeScript's library does not know it yet. */
function exactly(key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) return TEXT_IDS.has(key) ? value : null;
  const is_id = key.endsWith("_id") && !TEXT_IDS.has(key);
  return is_id && context !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** Ids that are text on the wire; as numbers they are of a wrong type, whatever their size. */
const TEXT_IDS = new Set(["event_id", "incident_id", "alert_id"]);

/** What there is too much of in a text of JSON, or null. Linear in its length. */
export function excess(text: string): keyof typeof MOST | null {
  // Few marks in all, as in a usual push, cannot be too many of any kind; counting them is quick.
  if (count(text, "{") + count(text, "[") <= MOST.deep && count(text, ",") <= MOST.values) return null;
  const seen = { deep: 0, lists_and_maps: 0, values: 0 };
  let is_text = false;
  // One token at a time, without a loop in the pattern.
  for (const [token] of text.matchAll(/\\.|[",[\]{}]/gs)) {
    if (token === '"') is_text = !is_text;
    if (is_text || token.length > 1) continue;
    if (token === ",") seen.values += 1;
    if (token === "]" || token === "}") seen.deep -= 1;
    if (token === "[" || token === "{") {
      seen.deep += 1;
      seen.lists_and_maps += 1;
    }
    if (seen.deep > MOST.deep) return "deep";
    if (seen.lists_and_maps > MOST.lists_and_maps) return "lists_and_maps";
    if (seen.values > MOST.values) return "values";
  }
  return null;
}

function count(text: string, mark: string): number {
  let found = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) found += 1;
  return found;
}

const WHOLE_VALUE = /"\s*\{\{\s*[A-Za-z_][\w.-]{0,200}\s*\}\}\s*"/;
const PATH_OF_A_PUSH = /\{\{\s*(?:event_(?:id|type|time)|person|incident)\b[\w.-]{0,200}\s*\}\}/;

/**
 * Whether a custom request body left a placeholder unfilled: a value that is nothing but `{{…}}`, or one of a push's own
 * paths anywhere. Other braces are let through: alert texts are full of templates of other systems (`{{ $value }}`), and
 * refusing those would lose genuine pushes.
 */
export function hasPlaceholder(text: string): boolean {
  return text.includes("{{") && (WHOLE_VALUE.test(text) || PATH_OF_A_PUSH.test(text));
}
