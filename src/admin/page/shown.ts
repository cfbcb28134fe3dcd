// Text of others, made fit to be read: a sign stands for everything that has no shape of its own, or moves what follows.

/** Controls, marks of direction, fillers, ends of lines, halves of pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{DI}]/u;
/** What joins the letters of some languages, and makes one emoji of two: after such a one it has its place. */
const JOINERS =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{L}\p{M}])(?<![\p{ASCII}\p{DI}])(?:\u200c|\u200d|\ufe0e|\ufe0f){1,2}|\ufe0f(?=\u20e3)/u;
const FIRST_JOINERS = new RegExp(`(${JOINERS.source})|${UNSEEN.source}`, "gu");
/** More marks than a letter of any language has would be drawn over the lines around. */
const STACKED = /(\p{M}{4})\p{M}+/gu;

/** Where Unicode has a symbol for each control character. */
const SYMBOLS_AT = 0x2400;
const SPACE = 0x20;
const DELETE = 0x7f;
const SYMBOL_OF_DELETE = "\u2421";

/** `⟨U+202E⟩` for what turns text around, `␇` for a bell. Of the breaks, ends of lines and tabs stay where they may. */
export function shown(text: string, breaks: "keep_breaks" | "one_line" = "one_line"): string {
  const keeps = breaks === "keep_breaks";
  const whole = keeps ? text.replaceAll("\r\n", "\n") : text;
  return whole
    .replaceAll(STACKED, "$1…")
    .replaceAll(FIRST_JOINERS, (unseen, joiners?: string) =>
      joiners !== undefined || (keeps && /[\n\t]/.test(unseen)) ? unseen : signOf(unseen),
    );
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < SPACE) return String.fromCodePoint(SYMBOLS_AT + code);
  return code === DELETE ? SYMBOL_OF_DELETE : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
