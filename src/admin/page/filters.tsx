// The form above a list: what it is asked with stands in the page's address, so that a view can be passed on.
import type { Child } from "hono/jsx";
import { cut } from "../../domain/text.ts";
import { shown } from "./shown.ts";

const MOST_OF_WORD = 40;

export function Filters({ submit, children }: { submit: string; children: Child }) {
  return (
    <form class="filters" method="get" role="search">
      {children}
      <button type="submit">{submit}</button>
    </form>
  );
}

interface Field {
  name: string;
  label: string;
  /** As it was asked. */
  value: string | undefined;
}

export function Search({ name, label, hint, value }: Field & { hint: string }) {
  return (
    <label class="wide">
      {label}
      <input type="search" name={name} value={value ?? ""} placeholder={hint} maxlength={200} autocomplete="off" />
    </label>
  );
}

/** `options`: what may be chosen, each with its word. What was asked is among them, whatever it is. */
export function Choice(given: Field & { any: string; options: Readonly<Record<string, string>> }) {
  const { name, label, any, options, value = "" } = given;
  const known =
    value === "" || Object.hasOwn(options, value) ? options : { ...options, [value]: shown(cut(value, MOST_OF_WORD)) };
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">{any}</option>
        {Object.entries(known).map(([key, word]) => (
          <option value={key} selected={key === value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
