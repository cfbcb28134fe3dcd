// Times and stretches of time, as people read them.

const MINUTE_MS = 60_000;

const UTC = new Intl.DateTimeFormat("en-CA", {
  timeZone: "UTC",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** `2026-11-22 12:40 UTC`; rounded to the minute that has begun, or `up` to the next. */
export function moment(at: number, rounded: "down" | "up" = "down"): string {
  const minute = rounded === "up" ? Math.ceil(at / MINUTE_MS) * MINUTE_MS : at;
  return `${UTC.format(minute).replace(",", "")} UTC`;
}

/** `45 seconds`, `1 minute`, `3 hours`: the largest unit that gives a whole number. */
export function duration(ms: number): string {
  const [size, name] =
    ms > 0 && ms % (60 * MINUTE_MS) === 0
      ? [60 * MINUTE_MS, "hour"]
      : ms > 0 && ms % MINUTE_MS === 0
        ? [MINUTE_MS, "minute"]
        : [1_000, "second"];
  const count = Math.round(ms / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
