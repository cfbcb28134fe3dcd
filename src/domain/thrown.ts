// What was thrown, in words. Anything can be thrown, even what cannot be turned into text; and what is thrown may quote
// what it was given.

/** The error's name and message, at most 200 characters, with each of `secrets` hidden. Never throws. */
export function wordsOf(thrown: unknown, secrets: readonly string[] = []): string {
  try {
    const said =
      thrown instanceof AggregateError && thrown.errors.length > 0
        ? thrown.errors.map(String).join("; ")
        : String(thrown);
    const words = secrets.reduce((text, secret) => text.replaceAll(secret, "(hidden)"), said);
    return words.slice(0, 200) || "nothing was said";
  } catch {
    return "what was thrown cannot be told";
  }
}
