import { describe, expect, it } from "vitest";
import { playbook } from "../../src/playbook.ts";
import type { Destination } from "../../src/receive/arrival.ts";
import type { Body } from "../../src/receive/body.ts";
import { read, type Reading } from "../../src/receive/read.ts";
import type { Refusal } from "../../src/receive/refusal.ts";
import { bodyOf } from "./bodies.ts";
import { envOf } from "./settings.ts";

const INCIDENT: Destination = { kind: "incident" };
const BUTTON: Destination = { kind: "action", action: "restart-host" };
const NOWHERE: Destination = { kind: "nowhere" };
const buttonOf = (action: string): Destination => ({ kind: "action", action });
const pressed = bodyOf({ event_type: "i_custom" }, { labels: { resource: "es.nj.01" } });
const READY = { RESTART_HOST_URL: "https://runner.example/restart" };

interface Given {
  to?: Destination;
  query?: string;
  text?: string;
  flaw?: Body["flaw"];
  settings?: Record<string, string>;
}

function reading({ to = BUTTON, query = "", text = pressed, flaw = null, settings = READY }: Given) {
  const arrival = {
    destination: to,
    query: new URLSearchParams(query),
    path_and_query: "/",
    source: "",
    received_at: 7,
    span: SPAN,
  };
  return read(arrival, { text, flaw }, envOf(settings));
}

function taken(given: Given): Reading {
  const said = reading(given);
  if ("refusal" in said) throw new Error(JSON.stringify(said.refusal));
  return said;
}

const SPAN = { trace_id: "4bf92f3577b34da6a3ce929d0e0e4736", span_id: "00f067aa0ba902b7", flags: "01" };
const EVENT = { incident_id: "incident-1", event_id: "event-1", event_type: "i_custom", received_at: 7, body: pressed };
const COMMAND = {
  action: "restart-host",
  by: "command",
  asked_by: "",
  params: {},
  key: "es.nj.01",
  connector: "HTTP (RESTART_HOST)",
  policy: {
    once: false,
    repeatable: true,
    attempts: 5,
    time_limit_ms: 20_000,
    max_age_ms: 3_600_000,
    dry_run: false,
  },
  person_id: "",
  after: "enrich",
  occurrence: null,
  brought_by: "",
  approval: null,
  follows: false,
  refused: null,
};

describe("a push that can be taken", () => {
  it("is an event of the incident webhook, without a command", () => {
    const { event, asked } = taken({ to: INCIDENT, query: "dc=nj" });
    expect([event, asked]).toEqual([expect.objectContaining({ ...EVENT, address: "incident" }), []]);
  });

  it("is a press at its button's address, with what that carries", () => {
    const { event, asked } = taken({ query: "dc=nj" });
    expect(event).toMatchObject({ ...EVENT, address: "action/restart-host" });
    expect(asked).toEqual([{ ...COMMAND, params: { dc: "nj" } }]);
  });

  it("is taken though its action lacks its settings: the run is failed, and names them", () => {
    const settings = { RESTART_HOST_TOKEN: "a-token-without-address" };
    const reason =
      "RESTART_HOST_URL is missing; set it with: wrangler secret put RESTART_HOST_URL (locally: a line in .dev.vars)";
    const refused = { state: "failed", reason };
    // Nothing was chosen that could tell a repetition.
    const policy = { ...COMMAND.policy, repeatable: false };
    expect(taken({ settings }).asked).toEqual([{ ...COMMAND, connector: "", policy, refused }]);
  });

  it("is taken though nothing at all is set up: the run is failed, and names the ways to do so", () => {
    const [asked] = taken({ settings: {} }).asked;
    expect(asked).toMatchObject({ connector: "", refused: { state: "failed" } });
    expect(asked?.refused?.reason).toMatch(/ is missing; set it .*; or set up one of .*RESTART_HOST_URL.* instead$/);
  });

  it("says who pressed the button", () => {
    const text = bodyOf({ event_type: "i_custom", person: { person_name: "zhangsan" } }, { labels: { resource: "a" } });
    expect(taken({ text }).asked).toEqual([{ ...COMMAND, key: "a", asked_by: "zhangsan" }]);
  });

  it.each([
    ["", null],
    ["action=rollback", "rollback"],
  ])("is a press that approves what waits, with the person who does: ?%s", (query, action) => {
    const person = { person_id: 7, person_name: "lisi", email: "lisi@example.com" };
    const text = bodyOf({ event_type: "i_custom", person });
    const approver = { person_id: "7", name: "lisi", email: "lisi@example.com" };
    expect(taken({ to: buttonOf("approve"), text, query })).toMatchObject({
      event: { address: "action/approve" },
      asked: [],
      consent: { approver, action },
    });
  });

  it("is taken though what to act on is missing: the run is skipped", () => {
    const reason = "the label `resource` is missing, so there is nothing to act on";
    expect(taken({ text: bodyOf({ event_type: "i_custom" }) }).asked).toEqual([
      { ...COMMAND, key: "", refused: { state: "skipped", reason } },
    ]);
  });
});

it.each(["*", "web1,web2", "es.nj.01; reboot", "-rf"])(
  "a press is taken though its label %j does not name one host: the run is skipped",
  (resource) => {
    const reason = `the label \`resource\` is "${resource}", which does not name one thing to act on`;
    const text = bodyOf({ event_type: "i_custom" }, { labels: { resource } });
    expect(taken({ text }).asked).toEqual([{ ...COMMAND, key: "", refused: { state: "skipped", reason } }]);
  },
);

const bad = (message: string): Refusal => ({ why: "bad_body", faults: [{ path: "", message }] });
const known = [...Object.keys(playbook.actions), "approve"];
const unknown = (action: string): Refusal => ({ why: "unknown_action", action, known });

describe("a push that cannot", () => {
  it.each<[string, Given, Refusal]>([
    ["came to an address that is none", { to: NOWHERE }, { why: "unknown_address" }],
    ["came nowhere, and is flawed as well", { to: NOWHERE, flaw: "too_large" }, { why: "unknown_address" }],
    ["came to a button that is none", { to: buttonOf("reboot") }, unknown("reboot")],
    ["came to what every object has", { to: buttonOf("constructor") }, unknown("constructor")],
    ["came to a button with an endless name", { to: buttonOf("x".repeat(65)) }, unknown("x".repeat(64))],
    ["came to a button that is none, and is flawed as well", { to: buttonOf("x"), flaw: "not_utf8" }, unknown("x")],
    [
      "approves, and is no press",
      { to: buttonOf("approve"), text: bodyOf() },
      { why: "not_a_press", event_type: "i_new" },
    ],
    ["is too large", { flaw: "too_large" }, { why: "too_large", limit: 1_048_576 }],
    ["is no UTF-8", { flaw: "not_utf8" }, bad("is not UTF-8")],
    ["was cut off, though what came is sound", { flaw: "cut_off" }, bad("was cut off before its end")],
    ["is no JSON", { to: INCIDENT, text: "{" }, bad("is not JSON")],
    ["holds placeholders", { to: INCIDENT, text: bodyOf({ event_id: "{{event_id}}" }) }, { why: "placeholders" }],
    ["is no press at a button's address", { text: bodyOf() }, { why: "not_a_press", event_type: "i_new" }],
    [
      "carries a parameter twice",
      { query: "dc=nj&dc=sh" },
      { why: "bad_params", faults: [{ path: "query.dc", message: "is given more than once" }] },
    ],
    [
      "carries a wrong parameter",
      { query: "dc=a%20b" },
      { why: "bad_params", faults: [{ path: "query.dc", message: "must be a short name" }] },
    ],
  ])("%s", (_, given, refusal) => {
    expect(reading(given)).toEqual({ refusal });
  });
});
