import { describe, expect, it } from "vitest";
import { lasting, measured, trendOf } from "../../../../src/actions/enrich/measure.ts";

it.each<[number, string | undefined, string]>([
  [0, undefined, "0"],
  [99.95, "%", "99.95 %"],
  [93.212345, "%", "93.21 %"],
  [9_999, "", "9999"],
  [12_345, "", "12.35 k"],
  [12_345_678, "req/s", "12.35 M req/s"],
  [-3, "°C", "-3 °C"],
  [512, "B", "512 B"],
  [1_536, "B", "1.5 KiB"],
  [8 * 1_024 ** 3, "B", "8 GiB"],
  [2_048 * 1_024 ** 5, "B", "2048 PiB"],
  [0.25, "s", "250 ms"],
  [Number.NaN, "%", "not a number"],
  [Number.POSITIVE_INFINITY, "", "infinite"],
  [Number.NEGATIVE_INFINITY, "B", "minus infinite"],
])("%d %s: %s", (value, unit, words) => {
  expect(measured(value, unit)).toBe(words);
});

it.each([
  [3.2, "3.2 ms"],
  [2_400, "2.4 s"],
  [900_000, "15 min"],
  [5_400_000, "90 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("%d ms: %s", (ms, words) => {
  expect(lasting(ms)).toBe(words);
});

describe("a trend", () => {
  it.each<[string, number[]]>([
    ["rising", [1, 1, 2, 3, 5, 8]],
    ["rising", [10, 10, 10, 10, 90, 90]],
    ["falling", [8, 5, 3, 2, 1, 1]],
    ["falling", [0, -1, -2, -3]],
    ["steady", [100, 101, 99, 100, 102]],
    ["steady", [0, 0, 0]],
    ["steady", [5]],
    ["steady", []],
    ["up and down", [1, 9, 1, 9, 1, 9]],
    ["up and down", [1, 1, 9, 9, 1, 1]],
    ["rising", [1, Number.NaN, 2, 3, Number.POSITIVE_INFINITY, 4]],
  ])("%s: %j", (trend, numbers) => {
    expect(trendOf(numbers)).toBe(trend);
  });
});
