import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/flashduty/event-type.ts";
import { parsePush } from "../../src/flashduty/push.ts";
import * as arbitrary from "./arbitraries.ts";
import { bodyOf, documentedBody, faultPaths, type Fields, pushIn, pushOf } from "./bodies.ts";

describe("the documented custom action", () => {
  const push = pushIn(documentedBody);

  it("is read with the event_id that stands inside its incident", () => {
    expect(push).toMatchObject({
      event_id: "fac0599a2a25529ba2362c0c184b6cfb",
      event_id_derived: false,
      event_type: "i_custom",
      event_time: 1_700_208_013_988,
    });
  });

  it("tells who pressed the button", () => {
    expect(push.person).toEqual({
      person_id: "1999632289504",
      person_name: "zhangsan",
      email: "zhangsan@toutie.com",
    });
  });

  it("tells the incident, its ids as text and its times as they are", () => {
    expect(push.incident).toMatchObject({
      incident_id: "6551f3888713372ad1054d57",
      title: "nj / es.nj.01 - 自定义字段测试",
      progress: "Triggered",
      incident_severity: "Critical",
      start_time: 1_699_869_562,
      channel_id: "1973372625504",
      fields: { impacted_services: ["passport", "order"], priority: "P3" },
      creator: { person_id: "1552048792504", person_name: "头铁", email: "toutie@flashcat.cloud" },
    });
  });

  it("tells all labels, alerts and responders", () => {
    const { labels, alerts, responders } = push.incident;
    expect(labels).toEqual({
      a: "a",
      check: "自定义字段测试",
      cluster: "nj",
      metric: "node_cpu_seconds_total",
      resource: "es.nj.01",
      service: "engine",
      v: "v",
    });
    expect(alerts).toMatchObject([{ alert_id: "6551f37f8713372ad1054d54", data_source_id: "2398086111504", labels }]);
    expect(responders).toMatchObject([
      { person_id: "1234648032504", assigned_at: 1_699_869_576, acknowledged_at: 0, email: "zhangsan@toutie.com" },
    ]);
  });

  it("keeps what no table of the documents names", () => {
    expect(push.incident).toMatchObject({
      num: "054D57",
      dedup_key: "asdflasdfl2xzasd112621",
      assigned_to: { layer_idx: 0 },
    });
  });
});

describe("the event's id", () => {
  it("is the one at the top where there are two", () => {
    expect(pushOf({ event_id: "top" }, { event_id: "inside" }).event_id).toBe("top");
  });

  it.each([undefined, null, ""])("is the one inside the incident where the top has %j", (event_id) => {
    expect(pushOf({ event_id }, { event_id: "inside" })).toMatchObject({ event_id: "inside", event_id_derived: false });
  });

  it.each([undefined, null, ""])("is derived where both are %j, and says so", (event_id) => {
    const push = pushOf({ event_id, event_type: "i_ack", event_time: 17, person: { person_id: 4 } }, { event_id });
    expect(push).toMatchObject({ event_id: "derived-i_ack-17-4", event_id_derived: true });
  });

  it("is derived the same from the same, and another from another type, time or person", () => {
    const facts = { event_id: undefined, event_type: "i_ack", event_time: 17, person: { person_id: 4 } };
    const others = [{}, { title: "edited since" }].map((incident) => pushOf(facts, incident).event_id);
    expect(new Set(others).size).toBe(1);
    const changed = [{}, { event_type: "i_unack" }, { event_time: 18 }, { person: { person_id: 5 } }, { person: null }];
    expect(new Set(changed.map((change) => pushOf({ ...facts, ...change }).event_id)).size).toBe(5);
  });

  it.each([
    ["no person", null],
    ["a person without an id", {}],
    ["null", { person_id: null }],
    ["an empty one", { person_id: "" }],
    ["a name", { person_id: "zhangsan" }],
    ["braces", { person_id: "{7}" }],
    ["a line break", { person_id: "7\n" }],
    ["a sign", { person_id: -7 }],
    ["a fraction", { person_id: 7.5 }],
    ["21 digits", { person_id: "1".repeat(21) }],
    ["a megabyte", { person_id: "x".repeat(1_048_576) }],
    ["0, as the sender's language has nobody", { person_id: 0 }],
  ])("is derived of nobody where the person's id is %s", (_, person) => {
    const push = pushOf({ event_id: undefined, event_type: "i_ack", event_time: 17, person });
    expect(push.event_id).toBe("derived-i_ack-17-nobody");
  });

  it.each(["1", "18446744073709551615"])("is derived of the person whose id is %s", (person_id) => {
    const push = pushOf({ event_id: undefined, event_type: "i_ack", event_time: 17, person: { person_id } });
    expect(push.event_id).toBe(`derived-i_ack-17-${person_id}`);
  });

  it("is as fit for a key where it is derived as where it was sent", () => {
    const person_id = fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), fc.bigInt().map(String), fc.double());
    const facts = fc.record({
      event_type: arbitrary.visible("", 64),
      event_time: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      person_id,
    });
    const property = fc.property(facts, ({ event_type, event_time, person_id }) => {
      const { event_id } = pushOf({ event_id: null, event_type, event_time, person: { person_id } });
      expect(event_id.startsWith(`derived-${event_type}-${event_time}-`)).toBe(true);
      expect(pushOf({ event_id })).toMatchObject({ event_id, event_id_derived: false });
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  it("needs event_id or event_time, for else no two events could be told apart", () => {
    expect(faultPaths(bodyOf({ event_id: undefined, event_time: undefined }))).toEqual(["event_id"]);
    expect(faultPaths(bodyOf({ event_id: "", event_time: null }, { event_id: "" }))).toEqual(["event_id"]);
  });

  it.each([0, -1, 0.5, -1_700_000_000_000])("is not derived of the event_time %d, which is as good as none", (time) => {
    expect(faultPaths(bodyOf({ event_id: undefined, event_time: time }))).toEqual(["event_id"]);
    expect(pushOf({ event_time: time })).toMatchObject({ event_id: "event-1", event_time: null });
  });
});

describe("the event's type", () => {
  const DOCUMENTED = [
    ..."i_new i_assign i_snooze i_wake i_ack i_unack i_storm i_custom i_rslv i_reopen i_merge i_comm".split(" "),
    ..."i_r_title i_r_desc i_r_impact i_r_rc i_r_rsltn i_r_severity i_r_field".split(" "),
  ];

  it.each([...DOCUMENTED, "i_a_rspd", "i_added_next_year", "I-2:x"])("may be %s", (event_type) => {
    expect(pushOf({ event_type }).event_type).toBe(event_type);
  });

  it("can be named by a rule for all 19 documented ones and i_a_rspd", () => {
    expect(DOCUMENTED).toHaveLength(19);
    expect([...EVENT_TYPES].toSorted()).toEqual([...DOCUMENTED, "i_a_rspd"].toSorted());
  });
});

describe("what the sender leaves out", () => {
  const TEXTS = [
    ..."title description impact root_cause resolution incident_severity incident_status progress".split(" "),
    ..."channel_name detail_url group_method".split(" "),
  ];
  const NUMBERS =
    "created_at updated_at start_time last_time end_time ack_time close_time snoozed_before alert_cnt".split(" ");
  const INCIDENT: [string, unknown][] = [
    ...TEXTS.map((name): [string, unknown] => [name, ""]),
    ...NUMBERS.map((name): [string, unknown] => [name, 0]),
    ["channel_id", ""],
    ["labels", {}],
    ["fields", {}],
    ["responders", []],
    ["alerts", []],
  ];

  it.each(INCIDENT)("of an incident: %s is empty, null or missing", (name, empty) => {
    expect(pushOf({}, { [name]: null }).incident).toHaveProperty([name], empty);
    expect(pushOf({}, { [name]: undefined }).incident).toHaveProperty([name], empty);
  });

  const ALERT: [string, unknown][] = [
    ..."alert_id title description alert_key alert_severity alert_status progress data_source_id"
      .split(" ")
      .map((name): [string, unknown] => [name, ""]),
    ..."created_at updated_at start_time last_time end_time close_time"
      .split(" ")
      .map((name): [string, unknown] => [name, 0]),
    ["labels", {}],
  ];

  it.each(ALERT)("of an alert: %s is empty, null or missing", (name, empty) => {
    const { alerts } = pushOf({}, { alerts: [{ [name]: null }, {}] }).incident;
    expect(alerts[0]).toHaveProperty([name], empty);
    expect(alerts[1]).toHaveProperty([name], empty);
  });

  it.each([
    ["person_id", ""],
    ["person_name", ""],
    ["email", ""],
    ["assigned_at", 0],
    ["acknowledged_at", 0],
  ])("of a responder: %s is empty, null or missing", (name, empty) => {
    const { responders } = pushOf({}, { responders: [{ [name]: null }, {}] }).incident;
    expect(responders[0]).toHaveProperty([name], empty);
    expect(responders[1]).toHaveProperty([name], empty);
  });

  it.each([undefined, null])("person is nobody where it is %s", (person) => {
    expect(pushOf({ person }).person).toBeNull();
  });

  it.each([undefined, null])("creator and closer may be %s", (nobody) => {
    const { creator, closer } = pushOf({}, { creator: nobody, closer: nobody }).incident;
    expect([creator ?? null, closer ?? null]).toEqual([null, null]);
  });

  it("a person without an e-mail is a person", () => {
    const person = { person_id: 7, person_name: "robot", email: "" };
    expect(pushOf({ person }).person).toEqual({ ...person, person_id: "7" });
  });

  it("labels without a value are dropped, the others stay", () => {
    const { labels, alerts } = pushOf({}, { labels: { a: null, b: "b" }, alerts: [{ labels: { a: null } }] }).incident;
    expect(labels).toEqual({ b: "b" });
    expect(alerts[0]?.labels).toEqual({});
  });
});

describe("what nobody has told us of", () => {
  it("is kept at every level", () => {
    const more = { added_later: { deep: [1, null, "x"] } };
    const { person, incident } = pushOf(
      { person: { person_id: 1, ...more } },
      { ...more, alerts: [more], responders: [more], creator: more },
    );
    expect(person).toMatchObject(more);
    expect(incident).toMatchObject({ ...more, alerts: [more], responders: [more], creator: more });
  });

  it.each([1, "P3", true, null, ["a"], { a: { b: 1 } }])("a custom field holds any value: %j", (value) => {
    expect(pushOf({}, { fields: { any: value } }).incident.fields).toEqual({ any: value });
  });
});

describe("numbers of any size", () => {
  const DIGITS = ["9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "12"];

  it.each(DIGITS)("the id %s is exact, as text", (digits) => {
    const body = bodyOf({ person: { person_id: "@" } }, { channel_id: "@" }).replaceAll('"@"', digits);
    const { person, incident } = pushIn(body);
    expect([person?.person_id, incident.channel_id]).toEqual([digits, digits]);
  });

  it.each(["9007199254740993", "1e300"])("%s as a count is no reason to refuse the push", (digits) => {
    const { incident } = pushIn(bodyOf({}, { alert_cnt: "@" }).replace('"@"', digits));
    expect(incident.alert_cnt).toBe(Number(digits));
  });

  it.each([
    ["1700000000000", 1_700_000_000_000],
    ["1", 1],
    ["0", null],
    ["-0", null],
    ["0.9", null],
    ["-1", null],
    ["-1700000000000", null],
    ["1700000000000.7", 1_700_000_000_000],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["9007199254740992", null],
    ["99999999999999999999", null],
    ["-9007199254740992", null],
    ["1e300", null],
    ["1e999", null],
    ["-1e999", null],
    ["null", null],
  ])("event_time %s is %s: what no clock can mean is as good as none", (written, event_time) => {
    expect(pushIn(bodyOf({ event_time: "@" }).replace('"@"', written)).event_time).toBe(event_time);
  });
});

const top = (fields: Fields) => bodyOf(fields);

const inside = (fields: Fields) => bodyOf({}, fields);

const beyond = (body: string) => pushIn(body.replace('"@"', "1e999"));

describe("a number beyond all doubles", () => {
  it("is as good as none: a count, a time, an id", () => {
    expect(beyond(bodyOf({}, { alert_cnt: "@" })).incident.alert_cnt).toBe(0);
    expect(beyond(bodyOf({}, { alerts: [{ start_time: "@" }] })).incident.alerts[0]?.start_time).toBe(0);
    expect(beyond(bodyOf({ person: { person_id: "@" } })).person?.person_id).toBe("");
    expect(beyond(bodyOf({}, { fields: { any: "@" } })).incident.fields).toEqual({ any: null });
  });

  it("as event_time leaves the event's id to tell it by", () => {
    expect(beyond(bodyOf({ event_time: "@" }))).toMatchObject({ event_id: "event-1", event_time: null });
    const body = bodyOf({ event_id: null, event_time: "@" }).replace('"@"', "1e999");
    expect(faultPaths(body)).toEqual(["event_id"]);
  });
});

describe("an id that is text on the wire", () => {
  const DIGITS = ["0", "7", "-7", "1.5", "9007199254740991", "9007199254740993", "18446744073709551616", "1e300"];

  it.each(DIGITS)("is a fault as the number %s, whatever its size", (digits) => {
    const paths = (body: string) => faultPaths(body.replace('"@"', digits));
    expect(paths(bodyOf({ event_id: "@" }))).toEqual(["event_id"]);
    expect(paths(bodyOf({ event_id: null }, { event_id: "@" }))).toEqual(["incident.event_id"]);
    expect(paths(bodyOf({}, { incident_id: "@" }))).toEqual(["incident.incident_id"]);
    expect(paths(bodyOf({}, { alerts: [{ alert_id: "@" }] }))).toEqual(["incident.alerts.0.alert_id"]);
  });
});

describe("what is wrong is named with its path", () => {
  it.each<[string, string, string]>([
    ["", "no text", ""],
    ["", "half an object", "{"],
    ["", "a list", "[]"],
    ["", "null", "null"],
    ["", "a text", '"text"'],
    ["event_type", "missing", top({ event_type: undefined })],
    ["event_type", "null", top({ event_type: null })],
    ["event_type", "a number", top({ event_type: 7 })],
    ["event_type", "with a blank", top({ event_type: "i new" })],
    ["event_type", "too long", top({ event_type: "x".repeat(65) })],
    ["event_id", "an object", top({ event_id: {} })],
    ["event_id", "too long", top({ event_id: "x".repeat(201) })],
    ["event_id", "with a blank", top({ event_id: "a b" })],
    ["event_id", "with braces", top({ event_id: "a{b}" })],
    ["event_id", "a dot", top({ event_id: "." })],
    ["event_id", "two dots", top({ event_id: ".." })],
    ["incident.event_id", "a dot", bodyOf({ event_id: undefined }, { event_id: "." })],
    ["incident.event_id", "two dots", bodyOf({ event_id: undefined }, { event_id: ".." })],
    ["incident.event_id", "with a line break", bodyOf({ event_id: undefined }, { event_id: "a\nb" })],
    ["event_time", "a text", top({ event_time: "1700000000000" })],
    ["person", "a text", top({ person: "zhangsan" })],
    ["person.email", "a number", top({ person: { email: 1 } })],
    ["incident", "missing", top({ incident: undefined })],
    ["incident", "null", top({ incident: null })],
    ["incident", "a list", top({ incident: [] })],
    ["incident.incident_id", "missing", inside({ incident_id: undefined })],
    ["incident.incident_id", "null", inside({ incident_id: null })],
    ["incident.incident_id", "empty", inside({ incident_id: "" })],
    ["incident.incident_id", "a number", inside({ incident_id: 7 })],
    ["incident.incident_id", "with a colon", inside({ incident_id: "a:b" })],
    ["incident.incident_id", "a dot", inside({ incident_id: "." })],
    ["incident.incident_id", "two dots", inside({ incident_id: ".." })],
    ["incident.incident_id", "with a blank", inside({ incident_id: "a b" })],
    ["incident.incident_id", "with a brace", inside({ incident_id: "a{b" })],
    ["incident.incident_id", "not ASCII", inside({ incident_id: "故障" })],
    ["incident.incident_id", "with a line break", inside({ incident_id: "incident\n" })],
    ["incident.incident_id", "too long", inside({ incident_id: "x".repeat(129) })],
    ["incident.title", "a number", inside({ title: 7 })],
    ["incident.start_time", "a text", inside({ start_time: "7" })],
    ["incident.channel_id", "a boolean", inside({ channel_id: true })],
    ["incident.labels", "a text", inside({ labels: "a=b" })],
    ["incident.labels.host", "a number", inside({ labels: { host: 7 } })],
    ["incident.responders", "an object", inside({ responders: {} })],
    ["incident.alerts.1.labels.host", "a list", inside({ alerts: [{}, { labels: { host: [] } }] })],
  ])("%j: %s", (path, _, body) => {
    expect(faultPaths(body)).toEqual([path]);
  });

  it("all at once, but never more than 20 of them", () => {
    expect(faultPaths(bodyOf({ event_type: null }, { incident_id: null, title: 1 }))).toHaveLength(3);
    const labels = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, at]));
    expect(faultPaths(bodyOf({}, { labels }))).toHaveLength(20);
  });

  it.each([
    ["incident_id", bodyOf({}, { incident_id: "x".repeat(128) })],
    ["event_id", bodyOf({ event_id: "x:/?#%&".padEnd(200, "y") })],
    ["event_type", bodyOf({ event_type: "x".repeat(64) })],
  ])("the longest %s is taken", (_, body) => {
    expect(faultPaths(body)).toEqual([]);
  });

  it.each(["...", ".a", "..a", "a.", "a..", "./.", "%2e"])("an id is not refused for its dots: %s", (id) => {
    expect(pushOf({ event_id: id }, { incident_id: id })).toMatchObject({
      event_id: id,
      incident: { incident_id: id },
    });
  });
});

const refusedAs = (message: string) => ({
  ok: false,
  fault: { why: "bad_body", faults: [{ path: "", message }] },
});
const nestedIn = (depth: number, inner = "") =>
  bodyOf({}, { fields: { any: "@" } }).replace('"@"', "[".repeat(depth - 3) + inner + "]".repeat(depth - 3));

describe("a body that is nested", () => {
  it("100 deep is taken", () => {
    expect(faultPaths(nestedIn(100))).toEqual([]);
  });

  it.each([101, 5_000])("%i deep is refused, and told why", (depth) => {
    expect(parsePush(nestedIn(depth))).toEqual(refusedAs("is nested deeper than 100 times"));
  });

  it("is refused for that, though it holds a placeholder", () => {
    expect(faultPaths(nestedIn(101, '"{{x}}"'))).toEqual([""]);
  });

  it("is counted without the brackets of its texts", () => {
    expect(pushOf({}, { title: '"[{'.repeat(1_000) }).incident.title).toHaveLength(3_000);
    expect(faultPaths(nestedIn(100, JSON.stringify('\\"[[[{{{')))).toEqual([]);
  });
});

// Three of the maps are the push, its incident and `fields`, and one list is `any`.
const withLists = (count: number) => bodyOf({}, { fields: { any: Array.from({ length: count - 4 }, () => []) } });
// Five commas stand outside `any`, which has one less than values.
const withValues = (count: number) =>
  bodyOf({}, { fields: { any: Array.from({ length: count - 5 + 1 }, () => 1) }, title: "x" });

describe("a body that holds much", () => {
  it("is taken with 10,000 lists and maps, or with 50,000 values", () => {
    expect([withLists(10_000), withValues(50_000)].map(faultPaths)).toEqual([[], []]);
  });

  it.each([
    ["more lists and maps", withLists(10_001), "holds more than 10000 lists and maps"],
    ["far more lists and maps", withLists(300_000), "holds more than 10000 lists and maps"],
    ["more values", withValues(50_001), "holds more than 50000 values"],
    ["far more values", withValues(500_000), "holds more than 50000 values"],
    ["what is no JSON, and too much", "[".repeat(1_048_576), "is nested deeper than 100 times"],
    ["nothing but commas", ",".repeat(1_048_576), "holds more than 50000 values"],
  ])("is refused with %s, and told why", (_, body, message) => {
    expect(parsePush(body)).toEqual(refusedAs(message));
  });

  it("is refused for that, though it holds a placeholder", () => {
    expect(parsePush(withValues(50_001).replace('"x"', '"{{x}}"'))).toEqual(refusedAs("holds more than 50000 values"));
  });

  it("is counted without the marks of its texts", () => {
    const title = "[{,]}".repeat(200_000);
    expect(pushOf({}, { title }).incident.title).toBe(title);
  });

  it("is taken where it is a genuine one of a whole megabyte", () => {
    const [alert] = pushIn(documentedBody).incident.alerts;
    const count = Math.floor(1_048_576 / JSON.stringify(alert).length) - 1;
    const body = bodyOf({}, { alerts: Array.from({ length: count }, () => alert) });
    expect(body.length).toBeGreaterThan(1_040_000);
    expect(pushIn(body).incident.alerts).toHaveLength(count);
  });
});

describe("placeholders of a custom request body", () => {
  it.each([
    bodyOf({}, { title: "{{host-name}}" }),
    bodyOf({}, { title: "host {{incident.labels.host-name}} is down" }),
    bodyOf({}, { title: "{{incident.title}}" }),
    bodyOf({}, { title: "{{ alert_name }}" }),
    bodyOf({}, { title: "host {{incident.labels.host}} is down" }),
    bodyOf({ event_id: "{{event_id}}" }),
    bodyOf({}, { incident_id: "{{ incident.incident_id }}" }),
    JSON.stringify({ text: "{{event_type}} at {{event_time}} by {{person.person_name}}" }),
    bodyOf({}, { labels: { a: "  {{ x.y_1 }} " } }),
  ])("are refused: %s", (body) => {
    expect(faultPaths(body)).toEqual(["placeholders"]);
  });

  it.each([
    "CPU is {{ $value }}%",
    "{{ $labels.instance }} is down",
    "{{ printf `%.2f` $value }}",
    "see {{ runbook }} for help",
    "{{ incidental }} and {{ personal }} cost",
    "{incident.title}",
    'it said "{{ ok }}", twice',
    "{{",
  ])("of other systems are let through: %s", (title) => {
    expect(pushOf({}, { title }).incident.title).toBe(title);
  });
});

const answers = (body: string) => {
  const parsed = parsePush(body);
  if (!parsed.ok && parsed.fault.why === "bad_body") expect(parsed.fault.faults).not.toHaveLength(0);
  if (parsed.ok) expect(parsed.push.event_id).not.toBe("");
};

describe("whatever comes", () => {
  it("any text is read or refused, and nothing is thrown", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), answers), { numRuns: 2_000 });
  });

  it("any value in any place of a push is read or refused", () => {
    const place = fc.constantFrom("event_id", "event_type", "event_time", "person", "incident");
    const inside = fc.constantFrom(...Object.keys(pushOf().incident), "event_id", "__proto__", "constructor");
    const property = fc.property(place, inside, fc.jsonValue(), fc.jsonValue(), (top, name, one, other) => {
      answers(bodyOf({ [top]: one }));
      answers(bodyOf({}, { [name]: other }));
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("the documented body with bytes changed is read or refused", () => {
    const length = documentedBody.length;
    const noise = fc.array(fc.tuple(fc.nat(length), fc.nat(8), fc.string({ maxLength: 4 })), {
      minLength: 1,
      maxLength: 4,
    });
    const property = fc.property(noise, (changes) => {
      const changed = changes.reduce(
        (body, [at, count, text]) => body.slice(0, at) + text + body.slice(at + count),
        documentedBody,
      );
      answers(changed);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it.each(["[", '{"a":'])("a body nested without end is read or refused: %s…", (opening) => {
    const closing = opening === "[" ? "]" : "}";
    const deep = `${opening.repeat(100_000)}1234567890123456789${closing.repeat(100_000)}`;
    answers(deep);
    answers(bodyOf({}, { deep: "@" }).replace('"@"', deep));
  });

  it.each(['"', '\\"', '"\\"', "\\", '["', '{"'])(
    "a megabyte of %s is refused where it is not JSON, and taken as a text",
    (text) => {
      const megabyte = text.repeat(1_048_576 / text.length);
      expect(faultPaths(megabyte)).toEqual([""]);
      expect(faultPaths(`"${megabyte}`)).toEqual([""]);
      expect(pushOf({}, { title: megabyte }).incident.title).toBe(megabyte);
    },
  );

  it("a prototype that a body brings along is not taken on", () => {
    const { incident } = pushIn(bodyOf({}, { fields: "@" }).replace('"@"', '{"__proto__":{"admin":true}}'));
    expect(incident.fields["admin"]).toBeUndefined();
    expect(Object.getPrototypeOf(incident)).toBe(Object.prototype);
  });

  it("a valid push keeps its ids, type, time and labels", () => {
    const property = fc.property(arbitrary.push, (sent) => {
      const push = pushIn(JSON.stringify(sent));
      expect(push).toMatchObject({ event_id: sent.event_id, event_type: sent.event_type, event_id_derived: false });
      expect(push.event_time).toBe(sent.event_time || null);
      expect(push.incident.incident_id).toBe(sent.incident.incident_id);
      expect(push.incident.labels).toEqual(sent.incident.labels ?? {});
      expect(push.person?.person_id).toBe(sent.person ? String(sent.person.person_id || "") : undefined);
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
