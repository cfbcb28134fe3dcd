import { describe, expect, it } from "vitest";
import { alertLabel, field, type Key, label } from "../../src/domain/key.ts";
import { contextOf } from "../../src/domain/playbook.ts";
import { type Fields, pushOf } from "./bodies.ts";

/** What the key is of an incident with these fields; or why that cannot be told. */
function keyOf(key: Key, incident: Fields): unknown {
  try {
    return key.of(contextOf(pushOf({ event_type: "i_custom" }, incident)));
  } catch (error) {
    return error;
  }
}

/** Alerts whose label names these hosts; null for one without the label. */
function alerts(...hosts: (string | null)[]): Fields {
  return { alerts: hosts.map((host) => ({ labels: host === null ? {} : { host } })) };
}

describe("a label as the key", () => {
  it.each<[Fields, unknown]>([
    [{ labels: { resource: "es.nj.01" } }, "es.nj.01"],
    [{ labels: { resource: "" } }, ""],
    [{ labels: { resource: null } }, undefined],
    [{ labels: { host: "es.nj.01" } }, undefined],
    [{ labels: null }, undefined],
    [{}, undefined],
  ])("of an incident with %j is %j", (incident, expected) => {
    expect(keyOf(label("resource"), incident)).toBe(expected);
  });

  it("says where it is from", () => {
    expect(label("resource").from).toBe("the label `resource`");
  });
});

describe("a custom field as the key", () => {
  it.each<[unknown, unknown]>([
    ["es.nj.01", "es.nj.01"],
    [["es.nj.01"], "es.nj.01"],
    ["", ""],
    [null, undefined],
  ])("%j is %j", (host, expected) => {
    expect(keyOf(field("host"), { fields: { host } })).toBe(expected);
  });

  it("is none where there is no such field", () => {
    expect(keyOf(field("host"), { fields: { other: "es.nj.01" } })).toBeUndefined();
    expect(keyOf(field("host"), {})).toBeUndefined();
  });

  it.each([[["a", "b"]], [["a", 1]], [[]], [[1]], [[["a"]]], [7], [true], [{ name: "a" }]])(
    "%j names no single thing, and says so",
    (host) => {
      expect(keyOf(field("host"), { fields: { host } })).toEqual(new Error("it is not one text"));
    },
  );

  it("says where it is from", () => {
    expect(field("host").from).toBe("the field `host`");
  });
});

describe("the alerts' label as the key", () => {
  it.each<[string, Fields, unknown]>([
    ["one alert", alerts("a"), "a"],
    ["some that name the same", alerts("a", "a", "a"), "a"],
    ["some that name none", alerts("a", null), "a"],
    ["none that names one", alerts(null, null), undefined],
    ["no alerts, as in every push but a button's", {}, undefined],
    ["alerts whose labels are missing", { alerts: [{}, { labels: null }] }, undefined],
  ])("%s", (_, incident, expected) => {
    expect(keyOf(alertLabel("host"), incident)).toBe(expected);
  });

  it("cannot be told where they differ", () => {
    expect(keyOf(alertLabel("host"), alerts("a", "b", "a"))).toEqual(new Error("the alerts name 2 different ones"));
    expect(keyOf(alertLabel("host"), alerts("a", ""))).toEqual(new Error("the alerts name 2 different ones"));
  });

  it("says where it is from", () => {
    expect(alertLabel("host").from).toBe("the alerts' label `host`");
  });
});

describe.each<[string, (name: string, is?: RegExp) => Key]>([
  ["label", label],
  ["field", field],
  ["alertLabel", alertLabel],
])("what names one thing, for %s", (_, made) => {
  it.each(["a", "es.nj.01", "es-nj_01", "10.1.2.3", "fe80::1", "北京-01", "é", "0", "a".repeat(253)])(
    "%j does",
    (name) => {
      expect(made("x").is?.test(name)).toBe(true);
    },
  );

  it.each([
    "",
    " ",
    "*",
    "web*",
    "a,b",
    "a b",
    "a\n",
    "\na",
    "-rf",
    "--all",
    ".a",
    "_a",
    ":1",
    "a/b",
    "a\\b",
    "$(id)",
    "a;b",
    "@a",
    "!a",
    "a'b",
    "a\u200Bb",
    "a\u202Eb",
    "é".normalize("NFD"),
    "a".repeat(254),
  ])("%j does not", (name) => {
    expect(made("x").is?.test(name)).toBe(false);
  });

  it("may be said otherwise", () => {
    const is = /^deployment\/[a-z]+$/;
    expect(made("x", is).is).toBe(is);
  });
});
