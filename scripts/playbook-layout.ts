// Text for a terminal of 100 columns.

const COLUMNS = 100;
/** Where what is said of a thing begins, beside its name. */
const NAMED_AT = 14;

/** One paragraph from column `at` on; `first` stands before it on its first line. */
export function paragraph(text: string, at = 0, first = " ".repeat(at)): string {
  const lines: string[] = [];
  let line = first.padEnd(at);
  let is_empty = true;
  for (const word of text.split(" ")) {
    if (!is_empty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = " ".repeat(at);
      is_empty = true;
    }
    line += is_empty ? word : ` ${word}`;
    is_empty = false;
  }
  return [...lines, line].join("\n");
}

/** What is said of one thing under its name, a paragraph each; "" where nothing is. */
export function row(name: string, said: readonly string[]): string {
  return said
    .map((text, place) => paragraph(text, NAMED_AT, place === 0 ? `  ${name}`.padEnd(NAMED_AT) : undefined))
    .join("\n");
}

/** A list under its title, or "" where it is empty. */
export function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  return [title, ...items.map((item) => paragraph(item, 4, "  - "))].join("\n");
}

/** Blocks of text with a blank line between them; empty ones are left out. */
export function blocks(...all: readonly string[]): string {
  return all.filter((block) => block !== "").join("\n\n");
}

/** Lines; empty ones are left out. */
export function lines(...all: readonly string[]): string {
  return all.filter((line) => line !== "").join("\n");
}
