import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Condition, type Day, faultsIn, holds, type Hours, saysOf } from "../../src/domain/condition.ts";
import { contextOf } from "../../src/domain/playbook.ts";
import { type Fields, pushOf } from "./bodies.ts";

const NOW = Date.parse("2026-11-22T12:40:00Z"); // a Sunday

/** Whether it holds for an incident with these fields. */
function isMet(condition: Condition, incident: Fields = {}, now = NOW): boolean {
  return holds(condition, contextOf(pushOf({}, incident)), now);
}

function isWithin(hours: Hours | readonly Hours[], time: string): boolean {
  return isMet({ hours }, {}, Date.parse(time));
}

describe("a condition", () => {
  it("that demands nothing always holds", () => {
    expect(isMet({})).toBe(true);
  });

  it.each<[Condition["severity"], string | undefined, boolean]>([
    [["Critical"], "Critical", true],
    [["Critical"], "Warning", false],
    [["Critical", "Warning"], "Warning", true],
    [["Critical"], "critical", false],
    [["Critical"], undefined, false],
  ])("on the severity %j, of an incident with %j: %j", (severity, incident_severity, expected) => {
    expect(isMet({ severity: severity ?? [] }, { incident_severity })).toBe(expected);
  });

  it.each<[readonly string[], Fields, boolean]>([
    [["Order system"], { channel_name: "Order system", channel_id: 7 }, true],
    [["7"], { channel_name: "Order system", channel_id: 7 }, true],
    [["8", "Order system"], { channel_name: "Order system", channel_id: 7 }, true],
    [["8", "Payment"], { channel_name: "Order system", channel_id: 7 }, false],
    [["Order"], { channel_name: "Order system" }, false],
    [["7"], {}, false],
  ])("on the channel %j, of an incident with %j: %j", (channel, incident, expected) => {
    expect(isMet({ channel }, incident)).toBe(expected);
  });

  it.each<[NonNullable<Condition["labels"]>, Record<string, string>, boolean]>([
    [{ env: "prod" }, { env: "prod" }, true],
    [{ env: "prod" }, { env: "production" }, false],
    [{ env: "prod" }, {}, false],
    [{ env: ["prod", "staging"] }, { env: "staging" }, true],
    [{ env: ["prod", "staging"] }, { env: "dev" }, false],
    [{ env: /^prod/ }, { env: "production" }, true],
    [{ env: /^prod$/ }, { env: "production" }, false],
    [{ env: /PROD/i }, { env: "production" }, true],
    [{ env: /./ }, {}, false],
    [{ env: /^$/ }, { env: "" }, true],
    [{ env: "" }, { env: "" }, true],
    [{ env: "prod", dc: "nj" }, { env: "prod", dc: "nj" }, true],
    [{ env: "prod", dc: "nj" }, { env: "prod", dc: "sh" }, false],
    [{ env: "prod", dc: "nj" }, { env: "prod" }, false],
  ])("on the labels %j, of an incident with %j: %j", (labels, given, expected) => {
    expect(isMet({ labels }, { labels: given })).toBe(expected);
  });

  it("holds as often as it is asked, whatever the flags of an expression", () => {
    for (const env of [/prod/g, /prod/y, /prod/gy, /PROD/gi])
      for (let times = 0; times < 3; times++)
        expect(isMet({ labels: { env } }, { labels: { env: "prod" } })).toBe(true);
  });

  it("may be anything else that the incident, the event or the person shows", () => {
    const also = {
      says: "",
      holds: ({ incident, event }: { incident: { title: string }; event: { event_type: string } }) =>
        incident.title === "disk full" && event.event_type === "i_new",
    };
    expect(isMet({ also }, { title: "disk full" })).toBe(true);
    expect(isMet({ also }, { title: "disk empty" })).toBe(false);
  });

  it("holds where all of it does", () => {
    const all: Condition = {
      severity: ["Critical"],
      channel: ["7"],
      labels: { env: "prod" },
      hours: { zone: "UTC", from: "12:00", to: "13:00" },
      also: { says: "", holds: () => true },
    };
    const good: Fields = { incident_severity: "Critical", channel_id: 7, labels: { env: "prod" } };
    expect(isMet(all, good)).toBe(true);
    expect(isMet(all, { ...good, incident_severity: "Info" })).toBe(false);
    expect(isMet(all, { ...good, channel_id: 8 })).toBe(false);
    expect(isMet(all, { ...good, labels: {} })).toBe(false);
    expect(isMet(all, good, NOW + 20 * 60_000)).toBe(false);
    expect(isMet({ ...all, also: { says: "", holds: () => false } }, good)).toBe(false);
  });

  it("leaves the occurrence to the incident, which knows it", () => {
    expect(isMet({ occurrence: "first" })).toBe(true);
    expect(isMet({ occurrence: "reopened" })).toBe(true);
  });
});

describe("hours", () => {
  const office: Hours = { zone: "Asia/Shanghai", from: "09:00", to: "18:00" };
  const night: Hours = { zone: "Asia/Shanghai", from: "22:00", to: "06:00" };

  it.each<[string, Hours, string, boolean]>([
    ["the first minute is in", office, "2026-11-22T09:00:00.000+08:00", true],
    ["the millisecond before is not", office, "2026-11-22T08:59:59.999+08:00", false],
    ["the last millisecond is in", office, "2026-11-22T17:59:59.999+08:00", true],
    ["the end is not", office, "2026-11-22T18:00:00.000+08:00", false],
    ["they are those of the zone", office, "2026-11-22T09:00:00Z", true],
    ["and not ours", office, "2026-11-22T11:00:00Z", false],
    ["half an hour off", { ...office, zone: "Asia/Kolkata" }, "2026-11-22T03:30:00Z", true],
    ["half an hour off, before", { ...office, zone: "Asia/Kolkata" }, "2026-11-22T03:29:00Z", false],
    ["over midnight, before it", night, "2026-11-22T23:59:59+08:00", true],
    ["over midnight, at it", night, "2026-11-22T00:00:00+08:00", true],
    ["over midnight, after it", night, "2026-11-22T05:59:59+08:00", true],
    ["over midnight, its end", night, "2026-11-22T06:00:00+08:00", false],
    ["over midnight, at noon", night, "2026-11-22T12:00:00+08:00", false],
    ["over midnight, just before", night, "2026-11-22T21:59:59+08:00", false],
    ["over midnight, its first minute", night, "2026-11-22T22:00:00+08:00", true],
    ["to the end of the day", { zone: "UTC", from: "18:00", to: "24:00" }, "2026-11-22T23:59:59Z", true],
    ["to the end of the day, not beyond", { zone: "UTC", from: "18:00", to: "24:00" }, "2026-11-22T00:00:00Z", false],
    ["to midnight, written the other way", { zone: "UTC", from: "18:00", to: "00:00" }, "2026-11-22T23:59:59Z", true],
    ["to midnight, not beyond", { zone: "UTC", from: "18:00", to: "00:00" }, "2026-11-22T00:00:00Z", false],
    ["the whole day", { zone: "UTC", from: "00:00", to: "24:00" }, "2026-11-22T00:00:00Z", true],
    ["the whole day, late", { zone: "UTC", from: "00:00", to: "24:00" }, "2026-11-22T23:59:59Z", true],
  ])("%s", (_, hours, time, expected) => {
    expect(isWithin(hours, time)).toBe(expected);
  });

  const weekdays: readonly Day[] = ["mon", "tue", "wed", "thu", "fri"];
  // 20 November 2026 is a Friday.
  it.each<[string, Hours, string, boolean]>([
    ["of a weekday, on one", { ...office, days: weekdays }, "2026-11-20T12:00:00+08:00", true],
    ["of a weekday, on Saturday", { ...office, days: weekdays }, "2026-11-21T12:00:00+08:00", false],
    [
      "are of the zone's day",
      { zone: "Asia/Shanghai", from: "00:00", to: "02:00", days: ["sat"] },
      "2026-11-20T17:00:00Z",
      true,
    ],
    ["of a Friday night, on Friday", { ...night, days: ["fri"] }, "2026-11-20T23:00:00+08:00", true],
    ["of a Friday night, on Saturday morning", { ...night, days: ["fri"] }, "2026-11-21T05:00:00+08:00", true],
    ["of a Friday night, on Friday morning", { ...night, days: ["fri"] }, "2026-11-20T05:00:00+08:00", false],
    ["of a Friday night, on Saturday night", { ...night, days: ["fri"] }, "2026-11-21T23:00:00+08:00", false],
    ["of a Sunday night, on Monday morning", { ...night, days: ["sun"] }, "2026-11-23T01:00:00+08:00", true],
    ["of a Monday night, on Monday morning", { ...night, days: ["mon"] }, "2026-11-23T01:00:00+08:00", false],
  ])("%s", (_, hours, time, expected) => {
    expect(isWithin(hours, time)).toBe(expected);
  });

  const new_york = { zone: "America/New_York" };
  it.each<[string, Hours, string, boolean]>([
    ["nine is nine in winter", { ...new_york, from: "09:00", to: "10:00" }, "2026-01-15T14:00:00Z", true],
    ["nine is nine in summer", { ...new_york, from: "09:00", to: "10:00" }, "2026-07-15T13:00:00Z", true],
    ["nine is not winter's nine in summer", { ...new_york, from: "09:00", to: "10:00" }, "2026-07-15T14:00:00Z", false],
    // On 8 March 2026 the clocks go from 02:00 to 03:00, at 07:00 UTC.
    ["an hour that is left out: before", { ...new_york, from: "02:00", to: "03:00" }, "2026-03-08T06:59:59Z", false],
    ["an hour that is left out: after", { ...new_york, from: "02:00", to: "03:00" }, "2026-03-08T07:00:00Z", false],
    ["what begins in it begins after it", { ...new_york, from: "02:30", to: "04:00" }, "2026-03-08T07:00:00Z", true],
    // On 1 November 2026 they go from 02:00 back to 01:00, at 06:00 UTC.
    ["an hour that comes twice: the first", { ...new_york, from: "01:00", to: "02:00" }, "2026-11-01T05:30:00Z", true],
    ["an hour that comes twice: the second", { ...new_york, from: "01:00", to: "02:00" }, "2026-11-01T06:30:00Z", true],
    [
      "an hour that comes twice: afterwards",
      { ...new_york, from: "01:00", to: "02:00" },
      "2026-11-01T07:00:00Z",
      false,
    ],
  ])("when clocks change, %s", (_, hours, time, expected) => {
    expect(isWithin(hours, time)).toBe(expected);
  });

  it("of several: one must hold", () => {
    const both = [office, night];
    expect(isWithin(both, "2026-11-22T12:00:00+08:00")).toBe(true);
    expect(isWithin(both, "2026-11-22T02:00:00+08:00")).toBe(true);
    expect(isWithin(both, "2026-11-22T20:00:00+08:00")).toBe(false);
  });

  it("and those that they leave out make up every time", () => {
    const time = fc.nat(24 * 60 - 1).map((minute) => new Date(minute * 60_000).toISOString().slice(11, 16));
    const zone = fc.constantFrom("UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    const now = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    fc.assert(
      fc.property(zone, time, time, now, (zone, from, to, now) => {
        fc.pre(from !== to);
        const inside = isMet({ hours: { zone, from, to } }, {}, now);
        expect(isMet({ hours: { zone, from: to, to: from } }, {}, now)).toBe(!inside);
      }),
    );
  });

  it("of one day and those of the other six make up those of every day", () => {
    const time = fc.constantFrom("00:00", "05:00", "12:00", "22:00");
    const now = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
    fc.assert(
      fc.property(time, time, fc.constantFrom(...days), now, (from, to, day, now) => {
        fc.pre(from !== to);
        const hours = { zone: "Europe/Berlin", from, to };
        const others = days.filter((one) => one !== day);
        const either =
          isMet({ hours: { ...hours, days: [day] } }, {}, now) || isMet({ hours: { ...hours, days: others } }, {}, now);
        expect(either).toBe(isMet({ hours }, {}, now));
      }),
    );
  });
});

describe("what is wrong with a condition", () => {
  const hours: Hours = { zone: "Asia/Shanghai", from: "09:00", to: "18:00" };

  it.each<[string, Condition, RegExp]>([
    ["a zone that is none", { hours: { ...hours, zone: "Shanghai" } }, /"Shanghai" is no time zone/],
    ["no zone", { hours: { ...hours, zone: "" } }, /"" is no time zone/],
    ["half a time", { hours: { ...hours, from: "9" } }, /"9" is no time of day/],
    ["a time without its zero", { hours: { ...hours, from: "9:00" } }, /"9:00" is no time of day/],
    ["an hour too late", { hours: { ...hours, to: "25:00" } }, /"25:00" is no time of day/],
    ["a minute too late", { hours: { ...hours, to: "09:60" } }, /"09:60" is no time of day/],
    ["later than the end of the day", { hours: { ...hours, to: "24:01" } }, /"24:01" is no time of day/],
    ["a beginning at the end of the day", { hours: { ...hours, from: "24:00" } }, /"24:00" is no time of day/],
    ["no time at all", { hours: { ...hours, to: "09:00" } }, /from 09:00 to 09:00 are none/],
    ["no hours", { hours: [] }, /`hours` names nothing/],
    ["no day", { hours: { ...hours, days: [] } }, /no day at all/],
    ["the second of two", { hours: [hours, { ...hours, zone: "x" }] }, /"x" is no time zone/],
    ["no severity", { severity: [] }, /`severity` names nothing/],
    ["no channel", { channel: [] }, /`channel` names nothing/],
    ["a label without a value", { labels: { env: [] } }, /label "env" may have no value/],
  ])("%s", (_, condition, fault) => {
    expect(faultsIn(condition)).toEqual([expect.stringMatching(fault)]);
  });

  it("is told all at once", () => {
    const all = { hours: { zone: "x", from: "9", to: "25:00" }, labels: { a: [], b: [] }, severity: [] };
    expect(faultsIn(all)).toHaveLength(6);
  });

  it.each<Condition>([
    {},
    { severity: ["Critical"], channel: ["7"], labels: { a: "", b: ["x"], c: /./ }, occurrence: "first" },
    { hours },
    { hours: [hours, { ...hours, from: "00:00", to: "24:00" }] },
    { hours: { ...hours, from: "23:59", to: "00:00", days: ["mon"] } },
    { also: { says: "", holds: () => true } },
  ])("is nothing where it is %j", (condition) => {
    expect(faultsIn(condition)).toEqual([]);
  });
});

describe("a condition as a person would say it", () => {
  it.each<[Condition, string[]]>([
    [{}, []],
    [{ severity: ["Critical", "Warning"] }, ["its severity is Critical or Warning"]],
    [{ channel: ["Order system"] }, ["its channel is Order system"]],
    [
      { labels: { env: "prod", dc: ["nj", "sh"], host: /^es/i } },
      ["its label `env` is prod", "its label `dc` is nj or sh", "its label `host` matches /^es/i"],
    ],
    [
      { hours: { zone: "Asia/Shanghai", from: "09:00", to: "18:00" } },
      ["it is between 09:00 and 18:00 (Asia/Shanghai)"],
    ],
    [
      {
        hours: [
          { zone: "UTC", from: "22:00", to: "06:00" },
          { zone: "UTC", from: "00:00", to: "24:00", days: ["sat", "sun"] },
        ],
      },
      ["it is between 22:00 and 06:00 (UTC), or it is between 00:00 and 24:00 (UTC, sat, sun)"],
    ],
    [{ occurrence: "first" }, ["it has never been reopened"]],
    [{ occurrence: "reopened" }, ["it has been reopened"]],
    [{ also: { says: "its title\nnames a disk", holds: () => true } }, ["its title names a disk"]],
    [{ occurrence: "first", severity: ["Info"] }, ["its severity is Info", "it has never been reopened"]],
  ])("%j", (condition, expected) => {
    expect(saysOf(condition)).toEqual(expected);
  });
});
