// Queries in the languages of Prometheus, Loki and Tempo, with values of the incident filled in. Labels are written by whoever
// writes alerts: nothing that is filled in can end the string that it stands in, or be read as a pattern.
// How strings are read: PromQL, https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals ;
// LogQL and TraceQL, as Go does, https://go.dev/ref/spec#String_literals .

/** A query as its system takes it. Made by the templates below. */
export interface Query<Language extends string> {
  language: Language;
  text: string;
}

/** What can stand between `${` and `}`: in a string a text or a number; outside of strings a number or another query. */
type Filling<Language extends string> = string | number | Query<Language> | null | undefined;

type Template<Language extends string> = (
  strings: TemplateStringsArray,
  ...fillings: readonly Filling<Language>[]
) => Query<Language> | null;

/**
 * A query of Prometheus, as it is written there: promql`up{instance="${key}"}`. After `=~` and `!~` what is filled in is
 * taken literally, and the pattern around it stays one: promql`up{instance=~"${key}(:[0-9]+)?"}`. Null where something
 * that is filled in is missing or empty: such a query would ask about everything that lacks the label. Throws where
 * a text is filled in outside of a string.
 */
export const promql: Template<"PromQL"> = templateOf("PromQL", `"'`);

/** A query of Loki, likewise; what is filled in after `|~` is taken literally too. */
export const logql: Template<"LogQL"> = templateOf("LogQL", `"`);

/** A query of Tempo, likewise. */
export const traceql: Template<"TraceQL"> = templateOf("TraceQL", `"`);

/** The string literal that a filling stands in; null outside of strings. */
type Place = { quote: string; is_pattern: boolean } | null;

function templateOf<Language extends string>(language: Language, quotes: string): Template<Language> {
  return ({ raw }, ...fillings) => {
    const places = placesIn(raw, quotes, language);
    let text = raw[0] ?? "";
    let is_complete = true;
    for (const [index, filling] of fillings.entries()) {
      if (filling === null || filling === undefined || filling === "") is_complete = false;
      else text += fill(filling, places[index] ?? null, language);
      text += raw[index + 1] ?? "";
    }
    return is_complete ? { language, text } : null;
  };
}

/** Where each filling stands. Throws where that cannot be told for sure. */
function placesIn(raw: readonly string[], quotes: string, language: string): Place[] {
  const places: Place[] = [];
  let open: Place = null;
  for (const part of raw) {
    let since = 0;
    let was_pattern = false;
    for (let at = 0; at < part.length; at++) {
      const character = part.charAt(at);
      if (open !== null) {
        if (character === "\\") at += 1;
        if (character !== open.quote) continue;
        [since, was_pattern] = [at + 1, open.is_pattern];
        open = null;
      } else if (quotes.includes(character)) {
        const before = part.slice(since, at);
        const goes_on: boolean = was_pattern && /^\s*or\s*$/.test(before); // in LogQL: |~ "one" or "other"
        open = { quote: character, is_pattern: goes_on || /[=!|]~\s*$/.test(before) };
      } else if (/^(?:['`#]|\/[/*])/.test(part.slice(at, at + 2))) {
        throw new Error(`${language}: a query is written with strings in double quotes, and without comments`);
      }
    }
    places.push(open);
  }
  if (open !== null) throw new Error(`${language}: a string is not closed`);
  return places;
}

function fill<Language extends string>(filling: string | number | Query<Language>, place: Place, language: Language) {
  if (typeof filling === "object") {
    if (place !== null) throw new Error(`${language}: a query cannot stand in a string`);
    return filling.text;
  }
  if (typeof filling === "number" && !Number.isFinite(filling)) throw new Error(`${language}: ${filling} is no number`);
  if (place !== null) return inQuotes(place.is_pattern ? literally(String(filling)) : String(filling), place.quote);
  if (typeof filling === "number") return String(filling);
  throw new Error(`${language}: a text can only be filled in between quotes`);
}

/** A text as it stands in a string literal: what ends it, escapes, cannot be seen or is refused there (U+FFFD) is escaped. */
function inQuotes(text: string, quote: string): string {
  return text
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16);
      return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
    });
}

/** A text as a pattern that matches it and nothing else. https://github.com/google/re2/wiki/Syntax */
function literally(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);
}
