// Sending a report: what becomes of it at Flashduty.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Outcome, Run, Values } from "../../src/domain/run.ts";
import { openApi } from "../../src/flashduty/open-api.ts";
import type { Answer, Call } from "../../src/runs/http.ts";
import { sendReport } from "../../src/runs/report.ts";
import { runOf } from "./runs.ts";

const TEXT = "[restart-host] (es.nj.01) succeeded\nrun incident-1:event-1:restart-host";
const SILENT: Answer = { kind: "silent", reason: "the target did not answer in time" };
const NOW = 100_000;
const [FIELD, COMMENT, FEED] = ["/incident/field/reset", "/incident/comment", "/incident/feed"];

function answered(body: unknown, status = 200): Answer {
  return { kind: "answered", status, headers: new Headers(), text: JSON.stringify(body) };
}

const done = (data: unknown = null) => answered({ request_id: "r-1", data });
const refusal = (code: string, status = 400) => answered({ request_id: "r-1", error: { code, message: "no" } }, status);
const comments = (...all: string[]) => done({ items: all.map((comment) => ({ detail: { comment } })) });

interface Sent {
  outcome: Outcome;
  /** What Flashduty was asked, in order. */
  asked: { path: string; body: Record<string, unknown> }[];
}

type Answers = (path: string, body: Record<string, unknown>) => Answer;

/** Sends a report to a Flashduty that answers so; what is not said, it does. */
async function sent(
  answers: Answers = () => done(),
  run: Partial<Run> = {},
  busy_ms: number | null = null,
): Promise<Sent> {
  const asked: Sent["asked"] = [];
  const call: Call = ({ url, body = "" }) => {
    const one = { path: url.pathname, body: z.record(z.string(), z.unknown()).parse(JSON.parse(body)) };
    asked.push(one);
    return Promise.resolve(answers(one.path, one.body));
  };
  const flashduty = openApi({ url: "https://api.example", app_key: "k" }, call, () => Promise.resolve(busy_ms));
  const report = runOf({ by: "report", action: "restart-host@succeeded", params: { text: TEXT }, ...run });
  return { outcome: await sendReport(report, flashduty, NOW), asked };
}

const refusingFields: Answers = (path) => (path === FIELD ? refusal("InvalidParameter") : done());
const pathsOf = ({ asked }: Sent) => asked.map(({ path }) => path);
const commentOf = ({ asked }: Sent) => String(asked.find(({ path }) => path === COMMENT)?.body["comment"]);

describe("a report", () => {
  it("adds its comment to its incident, without a webhook reply", async () => {
    const { outcome, asked } = await sent();
    expect(outcome).toEqual({ kind: "succeeded", summary: "commented (request r-1)" });
    const body = { incident_ids: ["incident-1"], comment: TEXT, mute_reply: true };
    expect(asked).toEqual([{ path: COMMENT, body }]);
  });

  it("is left out where there is no key any more", async () => {
    const outcome = await sendReport(runOf({ by: "report" }), null, NOW);
    expect(outcome).toEqual({ kind: "skipped", reason: "there is no key for Flashduty's Open API any more" });
  });

  it("is held where the quota is used up", async () => {
    const { outcome, asked } = await sent(undefined, {}, 7_000);
    expect(outcome).toEqual({ kind: "held", reason: "Flashduty's quota is used up", after_ms: 7_000 });
    expect(asked).toEqual([]);
  });
});

describe("a report whose comment may be there already", () => {
  const again: Partial<Run> = { may_have_acted: true, unclear_at: NOW - 20_000 };

  it("looks for it first, and adds none where it is", async () => {
    const told = await sent((path) => (path === FEED ? comments("another", TEXT) : done()), again);
    expect(told.outcome).toEqual({ kind: "succeeded", summary: "the comment was there already" });
    expect(pathsOf(told)).toEqual([FEED]);
    expect(told.asked[0]?.body).toMatchObject({ incident_id: "incident-1" });
  });

  it.each([[[]], [["another", `${TEXT} and more`, TEXT.slice(0, -1), `> ${TEXT}`, TEXT.split("\n")[0] ?? ""]]])(
    "adds it where there are only others: %j",
    async (others) => {
      const told = await sent((path) => (path === FEED ? comments(...others) : done()), again);
      expect(told.outcome).toMatchObject({ kind: "succeeded" });
      expect(pathsOf(told)).toEqual([FEED, COMMENT]);
    },
  );

  it.each<[string, Answer, string]>([
    ["silence", SILENT, "unclear"],
    ["an outage", answered("nginx", 502), "unclear"],
    ["too many calls", refusal("RequestTooFrequently", 429), "later"],
    ["a key that is not valid", refusal("Unauthorized", 401), "later"],
    ["a refusal", refusal("ResourceNotFound"), "failed"],
  ])("adds none where looking meets %s", async (_, answer, kind) => {
    const told = await sent((path) => (path === FEED ? answer : done()), again);
    expect(told.outcome.kind).toBe(kind);
    expect(pathsOf(told)).toEqual([FEED]);
  });

  it("is found as it was written, with the fields that were not taken", async () => {
    const fields: Values = { cpu_now: 1 };
    const first = commentOf(await sent(refusingFields, { fields }));
    const second = await sent((path, body) => (path === FEED ? comments(first) : refusingFields(path, body)), {
      fields,
      ...again,
    });
    expect(second.outcome).toMatchObject({ summary: "the comment was there already" });
  });

  it.each<[string, (first: string) => string]>([
    ["with notes that it has no more", (first) => first],
    ["cut otherwise between its first and its last line", (first) => first.replace("looked", "loo…")],
  ])("is found %s", async (_, changed) => {
    const params = { text: TEXT.replace("\n", "\nlooked\n") };
    const first = commentOf(await sent(refusingFields, { fields: { cpu_now: 1 }, params }));
    const second = await sent((path) => (path === FEED ? comments(changed(first)) : done()), { params, ...again });
    expect(second.outcome).toMatchObject({ summary: "the comment was there already" });
    expect(pathsOf(second)).not.toContain(COMMENT);
  });

  it("is not found in that of another stage, or another round", async () => {
    const others = [TEXT.replace("succeeded", "failed"), `${TEXT} #2`];
    const told = await sent((path) => (path === FEED ? comments(...others) : done()), again);
    expect(pathsOf(told)).toEqual([FEED, COMMENT]);
  });

  it.each([
    [0, 20_000],
    [1, 19_999],
    [19_999, 1],
  ])(
    "is held %i ms after it was unclear, for the rest of 20 s: it may be there in a moment",
    async (ago_ms, left_ms) => {
      const told = await sent(undefined, { may_have_acted: true, unclear_at: NOW - ago_ms });
      expect(told.outcome).toEqual({
        kind: "held",
        reason: "the comment may be there in a moment",
        after_ms: left_ms,
      });
      expect(told.asked).toEqual([]);
    },
  );

  it("is looked for at once where nobody knows since when", async () => {
    const told = await sent((path) => (path === FEED ? comments() : done()), {
      may_have_acted: true,
      unclear_at: null,
    });
    expect(pathsOf(told)).toEqual([FEED, COMMENT]);
  });
});

describe("a report that cannot be made", () => {
  it.each<[string, Answer, string]>([
    ["silence", SILENT, "unclear"],
    ["an outage", answered("nginx", 502), "unclear"],
    ["an error of Flashduty's own", refusal("InternalError", 500), "unclear"],
    ["no time left", { kind: "not_sent", reason: "the attempt's time was up" }, "not_sent"],
    ["too many calls", refusal("RequestTooFrequently", 429), "later"],
    ["a refusal", refusal("InvalidParameter"), "failed"],
    ["an incident that is gone", refusal("ResourceNotFound"), "failed"],
  ])("for it meets %s", async (_, answer, kind) => {
    const { outcome } = await sent(() => answer);
    expect(outcome.kind).toBe(kind);
    const reason = "reason" in outcome ? outcome.reason : "";
    expect(reason).not.toBe("");
  });

  it.each(["Unauthorized", "AccessDenied", "NoLicense"])(
    "for %s is sent later: a person can put that right",
    async (code) => {
      const { outcome } = await sent(() => refusal(code));
      expect(outcome).toEqual({ kind: "later", reason: `Flashduty refused: ${code}, no (request r-1)` });
    },
  );
});

describe("the custom fields of a report", () => {
  const fields: Values = { cpu_now: 0.93, host: "es.nj.01", is_up: false };

  it("are set one by one, before the comment", async () => {
    const told = await sent(undefined, { fields });
    expect(pathsOf(told)).toEqual([FIELD, FIELD, FIELD, COMMENT]);
    expect(told.asked.slice(0, 3).map(({ body }) => body)).toEqual([
      { incident_id: "incident-1", field_name: "cpu_now", field_value: 0.93 },
      { incident_id: "incident-1", field_name: "host", field_value: "es.nj.01" },
      { incident_id: "incident-1", field_name: "is_up", field_value: false },
    ]);
    expect(commentOf(told)).toBe(TEXT);
  });

  it("that Flashduty does not take are named in the comment; the others are set", async () => {
    const told = await sent(
      (path, { field_name }) => (path === FIELD && field_name === "host" ? refusal("InvalidParameter") : done()),
      { fields },
    );
    expect(told.outcome).toMatchObject({ kind: "succeeded" });
    expect(pathsOf(told)).toEqual([FIELD, FIELD, FIELD, COMMENT]);
    const [head, ...rest] = TEXT.split("\n").toReversed();
    const above = [...rest.toReversed(), "host: Flashduty refused it (InvalidParameter)", head];
    expect(commentOf(told)).toBe(above.join("\n"));
  });

  it.each<[string, Answer, string]>([
    ["silence", SILENT, "unclear"],
    ["too many calls", refusal("RequestTooFrequently", 429), "later"],
    ["a key that may not", refusal("AccessDenied", 403), "later"],
  ])("are set again, and nothing is said yet, where one meets %s", async (_, answer, kind) => {
    const told = await sent((path, { field_name }) => (path === FIELD && field_name === "host" ? answer : done()), {
      fields,
    });
    expect(told.outcome.kind).toBe(kind);
    expect(pathsOf(told)).toEqual([FIELD, FIELD]);
  });

  it.each<[string, Answer, string]>([
    ["silence", SILENT, "no reason given"],
    ["too many calls", refusal("RequestTooFrequently", 429), "RequestTooFrequently"],
    ["a key that may not", refusal("AccessDenied", 403), "AccessDenied"],
  ])("that meet %s hold the comment up for three tries, and are noted then", async (_, answer, code) => {
    const told = async (failures: number) =>
      sent((path, { field_name }) => (path === FIELD && field_name === "host" ? answer : done()), { fields, failures });
    for (const failures of [0, 1, 2]) expect(pathsOf(await told(failures))).not.toContain(COMMENT);
    const last = await told(3);
    expect(last.outcome).toMatchObject({ kind: "succeeded" });
    expect(pathsOf(last)).toEqual([FIELD, FIELD, FIELD, COMMENT]);
    expect(commentOf(last).split("\n")).toContain(`host: Flashduty refused it (${code})`);
  });

  const many: Values = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field_${at}`, at]));
  const long = `[restart-host] succeeded\n${"x".repeat(940)}\nrun incident-1:event-1:restart-host`;

  it("do not make the comment longer than Flashduty takes", async () => {
    expect(long.length).toBeGreaterThan(990);
    const comment = commentOf(await sent(refusingFields, { fields: many, params: { text: long } }));
    expect(comment).toHaveLength(1_024);
    expect(comment).toContain("\nfield_0: Flashduty refused");
  });

  it("do not cut off the name of the run", async () => {
    const comment = commentOf(await sent(refusingFields, { fields: many, params: { text: long } }));
    expect(comment).toContain("run incident-1:event-1:restart-host");
  });

  it("leave no half of a pair", async () => {
    const text = "🔥".repeat(512);
    const comments = ["a", "ab"].map(async (name) =>
      commentOf(await sent(refusingFields, { fields: { [name]: 1 }, params: { text } })),
    );
    for (const comment of await Promise.all(comments)) expect(comment.isWellFormed()).toBe(true);
  });
});
