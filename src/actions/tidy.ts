// What a connector says, made fit to be kept and shown: no secret, no control characters, no more than a person reads.
import type { Outcome, Values } from "../domain/run.ts";
import { cut, line, visible } from "../domain/text.ts";

/** Characters of a summary or a reason; a report has 1,024 for everything. */
const MOST_WORDS = 700;
const MOST_LINKS = 5;
const MOST_LINK = 500;
const MOST_VALUES = 50;
const MOST_NAME = 100;
const MOST_VALUE = 500;

/** The outcome, tidied; `fieldsOf` tells which custom fields are set with what was found. */
export function tidy(outcome: Outcome, fieldsOf: (values: Values) => Values, hide: (text: string) => string): Outcome {
  const words = (text: string) => cut(visible(hide(text), "keep_breaks"), MOST_WORDS);
  // What says nothing of links leaves those that are known.
  const linked = (all?: readonly string[]) => all && { links: all.filter(isLink).map(hide).slice(0, MOST_LINKS) };
  switch (outcome.kind) {
    case "succeeded": {
      const values = valuesOf(outcome.values ?? {}, hide);
      const summary = words(outcome.summary);
      return { ...outcome, summary, ...linked(outcome.links), values, fields: fieldsOf(values) };
    }
    case "waiting":
      return { ...outcome, summary: words(outcome.summary), ...linked(outcome.links) };
    case "failed":
      return { ...outcome, reason: words(outcome.reason), ...linked(outcome.links) };
    case "skipped":
    case "later":
    case "held":
    case "not_sent":
    case "unclear":
      return { ...outcome, reason: words(outcome.reason) };
  }
}

/** Links are pressed by people: an address of the web, and nothing that runs. */
function isLink(link: string): boolean {
  const url = URL.parse(link);
  const is_whole = !/[\s\p{C}]/u.test(link);
  return (
    url !== null &&
    is_whole &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password === "" &&
    link.length <= MOST_LINK
  );
}

function valuesOf(values: Values, hide: (text: string) => string): Values {
  // JSON has no NaN, and no infinity.
  const kept = Object.entries(values).filter(([, value]) => typeof value !== "number" || Number.isFinite(value));
  return Object.fromEntries(
    kept
      .slice(0, MOST_VALUES)
      .map(([name, value]) => [line(name, MOST_NAME), typeof value === "string" ? textOf(hide(value)) : value]),
  );
}

function textOf(value: string): string {
  return cut(visible(value, "keep_breaks"), MOST_VALUE);
}
