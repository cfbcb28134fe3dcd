// Text of others, made fit for a place of ours.

/** At most so many characters (UTF-16), with a sign that there was more. Never half of a pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(most - 1, 0));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

/** Without anything that moves the cursor or hides what stands there; `\n` may stay. */
export function visible(text: string, breaks: "keep_breaks" | "one_line" = "one_line"): string {
  const unseen = breaks === "one_line" ? /[\p{C}\p{Zl}\p{Zp}]+/gu : /(?:(?!\n)[\p{C}\p{Zl}\p{Zp}])+/gu;
  return text.replaceAll(unseen, " ").trim();
}

/** One line of at most so many characters. */
export function line(text: string, most: number): string {
  return cut(visible(text), most);
}
