// Numbers in words, short enough for a report.

const PREFIXES = ["", "k", "M", "G", "T", "P"];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** The number with its unit: "B" counts in KiB, MiB …, "s" in ms, s, min …; any other unit follows as it is. */
export function measured(value: number, unit = ""): string {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "minus infinite";
  if (unit === "s") return lasting(value * 1_000);
  if (unit === "B") return scaled(value, 1_024, 1_024, BYTES);
  const number = scaled(value, 10_000, 1_000, PREFIXES).trimEnd();
  return unit === "" ? number : `${number} ${unit}`;
}

/** Counts in the next prefix from `most` on. */
function scaled(value: number, most: number, step: number, prefixes: readonly string[]): string {
  let power = 0;
  let rest = value;
  while (Math.abs(rest) >= (power === 0 ? most : step) && power < prefixes.length - 1) {
    rest /= step;
    power += 1;
  }
  return `${rounded(rest)} ${prefixes[power] ?? ""}`;
}

/** A length of time, in milliseconds. */
export function lasting(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${rounded(ms)} ms`;
  if (size < 60_000) return `${rounded(ms / 1_000)} s`;
  if (size < 2 * 3_600_000) return `${rounded(ms / 60_000)} min`;
  return size < 48 * 3_600_000 ? `${rounded(ms / 3_600_000)} h` : `${rounded(ms / 86_400_000)} d`;
}

/** Four digits: 99.95 % must not become 100 %. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

type Trend = "rising" | "falling" | "steady" | "up and down";

/** How numbers went, in the order of time: by the means of their first and their last third. */
export function trendOf(numbers: readonly number[]): Trend {
  const finite = numbers.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const range = high - low;
  // Less than a twentieth is noise.
  if (range <= Math.max(Math.abs(low), Math.abs(high)) / 20) return "steady";
  const third = Math.ceil(finite.length / 3);
  const change = mean(finite.slice(-third)) - mean(finite.slice(0, third));
  if (Math.abs(change) <= range / 3) return "up and down";
  return change > 0 ? "rising" : "falling";
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
