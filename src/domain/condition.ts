// When a rule holds: typed conditions on what a push shows of the incident. All that are given must hold.
import type { Context } from "./playbook.ts";
import { visible } from "./text.ts";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

/** Times of day in a time zone. `to` before `from` goes over midnight; the days are those on which it begins. */
export interface Hours {
  /** By its IANA name: `Asia/Shanghai`. */
  zone: string;
  /** `09:00` */
  from: string;
  /** The first minute that is not in it any more: `18:00`. */
  to: string;
  /** Every day where it is left out. */
  days?: readonly Day[];
}

/** The end of a day, as only `to` may say it. */
const MIDNIGHT = "24:00";

export interface Condition {
  severity?: readonly ("Critical" | "Warning" | "Info" | "Ok")[];
  /** By name or id. */
  channel?: readonly string[];
  /** Each label has the value, or one of them, or one that matches. */
  labels?: Readonly<Record<string, string | readonly string[] | RegExp>>;
  /** When the push arrives. Of several, one must hold. */
  hours?: Hours | readonly Hours[];
  /** `first`: the incident has never been reopened. `reopened`: it has, now or before. Its object knows: see take.ts. */
  occurrence?: "first" | "reopened";
  /** Anything else; `says` explains it to people. */
  also?: { says: string; holds: (context: Context) => boolean };
}

/** Whether the condition holds, but for the occurrence. `now`: when the push arrived, in milliseconds. */
export function holds(condition: Condition, context: Context, now: number): boolean {
  const { incident } = context;
  const { severity, channel, labels = {}, hours, also } = condition;
  return (
    (severity?.some((one) => one === incident.incident_severity) ?? true) &&
    (channel?.some((one) => one === incident.channel_name || one === incident.channel_id) ?? true) &&
    Object.entries(labels).every(([name, wanted]) => isWanted(incident.labels[name], wanted)) &&
    (hours === undefined || [hours].flat().some((one) => isWithin(one, now))) &&
    (also?.holds(context) ?? true)
  );
}

function isWanted(value: string | undefined, wanted: string | readonly string[] | RegExp): boolean {
  if (value === undefined) return false;
  if (wanted instanceof RegExp) return new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, "")).test(value);
  return [wanted].flat().includes(value);
}

function isWithin({ zone, from, to, days = DAYS }: Hours, now: number): boolean {
  const { day, minute } = clockIn(zone, now);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  const yesterday = DAYS[(DAYS.indexOf(day) + 6) % 7] ?? day;
  if (begin < end) return days.includes(day) && minute >= begin && minute < end;
  return (days.includes(day) && minute >= begin) || (days.includes(yesterday) && minute < end);
}

/** The day of the week and the minute of the day. */
function clockIn(zone: string, now: number): { day: Day; minute: number } {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const name = (parts["weekday"] ?? "").toLowerCase();
  const day = DAYS.find((one) => one === name) ?? "mon";
  return { day, minute: minuteOf(`${parts["hour"]}:${parts["minute"]}`) };
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** What is wrong with a condition, for whoever writes a playbook. */
export function faultsIn({ severity, channel, hours, labels = {} }: Condition): string[] {
  const times = hours === undefined ? [] : [hours].flat();
  const lists = { severity, channel, hours: hours && times };
  return [
    ...Object.entries(lists).flatMap(([name, list]) =>
      list?.length === 0 ? [`\`${name}\` names nothing, so the condition never holds`] : [],
    ),
    ...times.flatMap(({ days }) => (days?.length === 0 ? ["the hours are on no day at all"] : [])),
    ...times.flatMap(({ zone, from, to }) => [
      ...(isZone(zone) ? [] : [`"${zone}" is no time zone; write one as "Asia/Shanghai"`]),
      ...[from, to]
        .filter((time, at) => !isTime(time) && (at === 0 || time !== MIDNIGHT))
        .map((time) => `"${time}" is no time of day; write it as "09:00"`),
      ...(from === to ? [`the hours from ${from} to ${to} are none`] : []),
    ]),
    ...Object.entries(labels).flatMap(([name, wanted]) =>
      Array.isArray(wanted) && wanted.length === 0 ? [`the label "${name}" may have no value at all`] : [],
    ),
  ];
}

function isTime(time: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(time);
}

function isZone(zone: string): boolean {
  try {
    clockIn(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/** The condition as a person would say it: "severity is Critical". One item for each that must hold. */
export function saysOf({ severity, channel, labels = {}, hours, occurrence, also }: Condition): string[] {
  return [
    ...(severity === undefined ? [] : [`its severity is ${severity.join(" or ")}`]),
    ...(channel === undefined ? [] : [`its channel is ${channel.join(" or ")}`]),
    ...Object.entries(labels).map(([name, wanted]) => `its label \`${name}\` ${wantedAs(wanted)}`),
    ...(hours === undefined ? [] : [[hours].flat().map(hoursAs).join(", or ")]),
    ...(occurrence === undefined
      ? []
      : [occurrence === "first" ? "it has never been reopened" : "it has been reopened"]),
    ...(also === undefined ? [] : [visible(also.says)]),
  ];
}

function wantedAs(wanted: string | readonly string[] | RegExp): string {
  return wanted instanceof RegExp ? `matches ${String(wanted)}` : `is ${[wanted].flat().join(" or ")}`;
}

function hoursAs({ zone, from, to, days }: Hours): string {
  return `it is between ${from} and ${to} (${zone}${days === undefined ? "" : `, ${days.join(", ")}`})`;
}
