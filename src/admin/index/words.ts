// What an incident is found by, and how what somebody types finds it. The search knows words as runs of letters and digits;
// Chinese has no blanks between its words, so each of its characters counts as one.

/** Characters of an incident that are looked at: a storm of labels must not fill the index. */
const MOST_CHARACTERS = 4_000;
/** Of what somebody types. */
const MOST_TYPED = 200;
const MOST_WORDS = 10;

const IDEOGRAPHS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

/** The texts, as they are indexed; the first ones count where all are too long. */
export function indexed(texts: readonly string[]): string {
  const distinct = [...new Set(texts.filter((text) => text !== ""))];
  return apart(distinct.join(" ").slice(0, MOST_CHARACTERS));
}

/**
 * What is typed as phrases of the search, all of which are to be met: each word as it stands, its last part maybe only a
 * beginning. None where nothing is typed. Whatever is typed, it is no syntax of the search.
 */
export function phrases(typed: string): string[] {
  const words = typed.slice(0, MOST_TYPED).split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
  return words.map((word) => {
    const text = apart(word);
    // One letter begins almost anything, and a Chinese character is a word.
    const is_beginning = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]+$/u.test(text);
    return phrase(text) + (is_beginning ? " *" : "");
  });
}

/** A text that is to be met word for word. A zero ends a text in SQLite, wherever it stands. */
export function phrase(text: string): string {
  return `"${text.toWellFormed().replaceAll("\0", " ").replaceAll('"', '""')}"`;
}

/** In one form, without what no search can hold, and each ideograph by itself. */
function apart(text: string): string {
  return text
    .toWellFormed()
    .normalize("NFKC")
    .replaceAll(IDEOGRAPHS, " $& ")
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
}
