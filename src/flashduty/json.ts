// JSON as Flashduty writes it: 64-bit ids, which a number of JavaScript cannot hold,
// and, where a custom request body is configured, placeholders that were left unfilled.

/** The value, or undefined where the text is not JSON. Ids too large for a number come as their digits, exact. */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactId) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The third argument of a reviver, as ECMAScript 2026 has it; TypeScript's library does not know it yet. */
function exactId(key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || context === undefined) return value;
  return key.endsWith("_id") && /^-?\d+$/.test(context.source) ? context.source : value;
}

const WHOLE_VALUE = /"\s*\{\{\s*[A-Za-z_][\w.]{0,200}\s*\}\}\s*"/;
const PATH_OF_A_PUSH = /\{\{\s*(?:event_(?:id|type|time)|person|incident)\b[\w.]{0,200}\s*\}\}/;

/**
 * Whether a custom request body left a placeholder unfilled: a value that is nothing but `{{…}}`, or one of a push's own
 * paths anywhere. Other braces are let through: alert texts are full of templates of other systems (`{{ $value }}`), and
 * refusing those would lose genuine pushes.
 */
export function hasPlaceholder(text: string): boolean {
  return WHOLE_VALUE.test(text) || PATH_OF_A_PUSH.test(text);
}
