// What an action acts on: a host, a service. Where it cannot be told, or names no single thing, the action does nothing.
import type { Context } from "./playbook.ts";

export interface Key {
  /** Where it is taken from, as a person would say it: "the label `resource`". */
  from: string;
  /** Undefined where there is none. Throws where it cannot be told which one, with the reason. */
  of: (context: Context) => string | undefined;
  /** What names one thing. Anything else is not acted on: labels are written by whoever writes alerts. */
  is?: RegExp;
}

/** Whoever writes alerts writes a host in capitals today, and in small letters tomorrow. */
export function folded(key: string): string {
  return key.toLowerCase();
}

/** Whether both name the same thing. */
export function isSameKey(one: string, other: string): boolean {
  return folded(one) === folded(other);
}

/** One name, as hosts and services have it: no pattern, no list, no option of a command. */
const ONE_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,252}$/u;

/** The incident's label of that name; `is` tells what names one thing, a plain name by default. */
export function label(name: string, is = ONE_NAME): Key {
  return { from: `the label \`${name}\``, of: ({ incident }) => incident.labels[name], is };
}

/** The incident's custom field of that name. */
export function field(name: string, is = ONE_NAME): Key {
  const from = `the field \`${name}\``;
  const of = ({ incident }: Context) => {
    const value = incident.fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    const values: readonly unknown[] = Array.isArray(value) ? value : [];
    const [only, ...others] = values;
    if (typeof only === "string" && others.length === 0) return only;
    throw new Error("it is not one text");
  };
  return { from, of, is };
}

/** The label of that name of the incident's alerts, which must not differ. Only a button's push carries alerts. */
export function alertLabel(name: string, is = ONE_NAME): Key {
  const from = `the alerts' label \`${name}\``;
  const of = ({ alerts }: Context) => {
    const values = new Set(alerts.flatMap(({ labels }) => labels[name] ?? []));
    if (values.size > 1) throw new Error(`the alerts name ${values.size} different ones`);
    return [...values][0];
  };
  return { from, of, is };
}
