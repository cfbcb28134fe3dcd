// Secrets that can be recognised wherever they turn up: whole, cut, or in another encoding. Each holds its mark three times,
// and each time a tag that stands nowhere else, so that any longer piece of it gives itself away.

/** What all marks of one kind have in common: eight characters, in lower case, so that it does not matter who changes that. */
const TAGS = { secret: "zq7xkv93", control: "wj5yqh84" };
const TAG_LENGTH = 8;
const ID_LENGTH = 3;
const PIECE_LENGTH = TAG_LENGTH + ID_LENGTH + 1;

/** A mark that was found: whose it is, in which form, and what stands around it. */
export interface Sighting {
  name: string;
  form: string;
  around: string;
}

/** The marks of one test, each known by a name. Those of another kind are not found. */
export class Marks {
  #names: string[] = [];
  readonly #tag: string;

  constructor(kind: keyof typeof TAGS = "secret") {
    this.#tag = TAGS[kind];
  }

  /** The mark of that name, always the same. */
  of(name: string): string {
    if (!this.#names.includes(name)) this.#names.push(name);
    const id = this.#names.indexOf(name).toString(36).padStart(ID_LENGTH, "0");
    return ["a", "b", "c"].map((part) => `${this.#tag}${id}${part}`).join("");
  }

  /** Every mark in the text, each once for each form in which it is there. */
  in(text: string): Sighting[] {
    const lower = text.toLowerCase();
    const sightings = FORMS.flatMap(({ form, write, is_any_case }) => {
      const searched = is_any_case ? lower : text;
      return placesOf(write(this.#tag), searched).map((at) => ({
        name: this.#names.find((name) => pieces(this.of(name)).some((one) => searched.startsWith(write(one), at))),
        form,
        around: text.slice(Math.max(at - 60, 0), at + 60).replaceAll(/[^ -~]+/g, "·"),
      }));
    });
    const named = sightings.map(({ name = "a piece of one", ...rest }) => ({ name, ...rest }));
    return [...new Map(named.map((one) => [`${one.name} ${one.form}`, one])).values()];
  }
}

function pieces(mark: string): string[] {
  return [0, 1, 2].map((part) => mark.slice(part * PIECE_LENGTH, (part + 1) * PIECE_LENGTH));
}

/** What stays of a text in any encoding that holds it, whatever stands before and behind it. */
const FORMS = [
  { form: "plain", write: (text: string) => text, is_any_case: true },
  { form: "in hexadecimal", write: eachByte(""), is_any_case: true },
  { form: "percent-encoded", write: eachByte("%"), is_any_case: true },
  { form: String.raw`in \u escapes`, write: eachByte(String.raw`\u00`), is_any_case: true },
  { form: "in UTF-16", write: (text: string) => Array.from(text).join("\0"), is_any_case: true },
  ...[0, 1, 2].map((before) => ({ form: "in base64", write: inBase64(before), is_any_case: false })),
];

function eachByte(prefix: string) {
  return (text: string) =>
    Array.from(Buffer.from(text), (byte) => prefix + byte.toString(16).padStart(2, "0")).join("");
}

/** The characters that depend on nothing but the text, where it begins so many bytes after a group of three. */
function inBase64(before: number) {
  return (text: string) =>
    btoa(" ".repeat(before) + text).slice(Math.ceil((8 * before) / 6), Math.floor((8 * (before + text.length)) / 6));
}

function placesOf(piece: string, text: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1)) places.push(at);
  return places;
}
