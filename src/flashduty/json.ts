// JSON as Flashduty writes it: 64-bit ids, which a number of JavaScript cannot hold,
// and, where a custom request body is configured, placeholders that were left unfilled.

/** How deep a push may be nested; a genuine one is so five times. Whatever walks through it does so on a stack. */
export const DEEPEST = 100;

/**
 * The value, or undefined where the text is not JSON. Numeric ids too large for a number come as their digits, exact;
 * numbers beyond all doubles as null.
 */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}|[eE]\+?\d{3}/.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
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

/** Whether braces and brackets open deeper than `DEEPEST`. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let is_text = false;
  // One token at a time, without a loop in the pattern: linear in the text's length.
  for (const [token] of text.matchAll(/\\.|["[\]{}]/gs)) {
    if (token === '"') is_text = !is_text;
    else if (is_text) continue;
    else if (token === "[" || token === "{") depth += 1;
    else if (token === "]" || token === "}") depth -= 1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

const WHOLE_VALUE = /"\s*\{\{\s*[A-Za-z_][\w.-]{0,200}\s*\}\}\s*"/;
const PATH_OF_A_PUSH = /\{\{\s*(?:event_(?:id|type|time)|person|incident)\b[\w.-]{0,200}\s*\}\}/;

/**
 * Whether a custom request body left a placeholder unfilled: a value that is nothing but `{{…}}`, or one of a push's own
 * paths anywhere. Other braces are let through: alert texts are full of templates of other systems (`{{ $value }}`), and
 * refusing those would lose genuine pushes.
 */
export function hasPlaceholder(text: string): boolean {
  return WHOLE_VALUE.test(text) || PATH_OF_A_PUSH.test(text);
}
