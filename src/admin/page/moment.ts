// Times as a person reads them: in the viewer's zone, and as an age.
import type { Language } from "../../domain/report.ts";

const UTC = "UTC";
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The zone, or UTC where there is none or this runtime does not know it. */
export function zoneOr(zone: unknown): string {
  if (typeof zone !== "string" || zone === "") return UTC;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone }).format(0);
    return zone;
  } catch {
    return UTC;
  }
}

/** A format is slow to make, and a page needs the same ones for each of its rows. */
function kept<Key, Format>(make: (key: Key) => Format): (key: Key) => Format {
  const formats = new Map<Key, Format>();
  return (key) => {
    const format = formats.get(key) ?? make(key);
    formats.set(key, format);
    return format;
  };
}

const timeFormat = kept(
  (timeZone: string) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium", hourCycle: "h23" }),
);
const offsetFormat = kept(
  (timeZone: string) => new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }),
);
const ageFormat = kept(
  (language: Language) => new Intl.RelativeTimeFormat(LOCALES[language], { style: "short", numeric: "always" }),
);
const lengthFormats = kept((language: Language) =>
  kept((unit: Unit) => new Intl.NumberFormat(LOCALES[language], { style: "unit", unit, unitDisplay: "narrow" })),
);

/** `2026-11-22 03:04:05` in the zone; the same in every language, so that it can be compared and sorted by eye. */
export function timeIn(zone: string, at: number): string {
  return isDate(at) ? timeFormat(zone).format(at) : "–";
}

const [DAY, YEAR] = ["2026-11-22 ".length, "2026-".length];

/** Of a time, as timeIn writes it: the day is left out where it is that of `now`, the year where it is. */
export function shortened(time: string, now: string): string {
  if (time.slice(0, DAY) === now.slice(0, DAY)) return time.slice(DAY);
  return time.slice(0, YEAR) === now.slice(0, YEAR) ? time.slice(YEAR) : time;
}

/** `+08:00` at that time. */
export function offsetOf(zone: string, at: number): string {
  const parts = offsetFormat(zone).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" ? "+00:00" : name.replace("GMT", "");
}

/** `3 min. ago`, in whole units of what is longest. */
export function age(at: number, now: number, language: Language): string {
  const since_ms = at - now;
  const [unit, unit_ms] = unitOf(Math.abs(since_ms));
  return ageFormat(language).format(Math.trunc(since_ms / unit_ms), unit);
}

/** `1m 5s`: how long something took, in its two longest units. */
export function lasted(ms: number, language: Language): string {
  const [unit, unit_ms] = unitOf(ms);
  const whole = Math.floor(Math.max(ms, 0) / unit_ms);
  const rest_ms = ms - whole * unit_ms;
  const [smaller, smaller_ms] = unitOf(unit_ms - 1);
  const rest = unit === "second" ? 0 : Math.floor(rest_ms / smaller_ms);
  const said = (value: number, unit: Unit) => lengthFormats(language)(unit).format(value);
  return rest === 0 ? said(whole, unit) : `${said(whole, unit)} ${said(rest, smaller)}`;
}

type Unit = "day" | "hour" | "minute" | "second";

function unitOf(ms: number): readonly [Unit, number] {
  if (ms >= DAY_MS) return ["day", DAY_MS];
  if (ms >= HOUR_MS) return ["hour", HOUR_MS];
  return ms >= MINUTE_MS ? ["minute", MINUTE_MS] : ["second", SECOND_MS];
}

/** Times from outside may be beyond what a calendar has. */
export function isDate(at: number): boolean {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15;
}
