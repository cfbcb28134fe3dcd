import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { notDone, readBefore, readLook, readStart } from "../../../src/actions/answer.ts";
import type { Answer } from "../../../src/runs/http.ts";

interface More {
  text?: string;
  headers?: Record<string, string>;
}

function answered(status: number, { text = "<html>not read", headers = {} }: More = {}): Answer {
  return { kind: "answered", status, headers: new Headers(headers), text };
}

const SILENT: Answer = { kind: "silent", reason: "the target did not answer in time" };
const NOT_SENT: Answer = { kind: "not_sent", reason: "the attempt's time was up" };
const DONE = [200, 201, 202, 204, 299];
const LATER = [420, 425, 429, 521, 523];
/** Said by a proxy too that broke after it had passed the request on. */
const NOT_NOW = [503, 530];
const UNCLEAR = [408, 500, 502, 504, 520, 522, 524];
const REDIRECTS = [300, 301, 302, 303, 304, 307, 308];
const NO = [400, 405, 409, 410, 413, 422, 501, 505];
const REMEDIES: [number, string][] = [
  [401, "its credential is not valid"],
  [403, "its credential may not do this"],
  [404, "there is no such thing there, or its credential may not see it"],
  [525, "there was no TLS connection to it"],
  [526, "its certificate is not of a public authority"],
];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what an answer means", () => {
  it.each(DONE)("%i: done", (status) => {
    expect(notDone(answered(status))).toBeNull();
  });

  it.each(LATER)("%i: not now, and nothing was done", (status) => {
    expect(notDone(answered(status))).toEqual({ kind: "later", reason: `the target answered ${status}` });
  });

  it.each([...LATER, ...NOT_NOW])("%i to a question: not now, whatever was asked", (status) => {
    const reason = `the target answered ${status}`;
    expect(notDone(answered(status), "question")).toEqual({ kind: "later", reason });
  });

  it.each([...UNCLEAR, ...NOT_NOW])("%i to a start: how far it came is not known", (status) => {
    const headers = { "Retry-After": "7" };
    const outcome = { kind: "unclear", reason: `the target answered ${status}` };
    expect(notDone(answered(status, { headers }))).toEqual(outcome);
    expect(notDone(answered(status, { headers }), "start")).toEqual(outcome);
  });

  it.each(NO)("%i: no", (status) => {
    expect(notDone(answered(status))).toEqual({ kind: "failed", reason: `the target answered ${status}` });
  });

  it.each(REMEDIES)("%i: no, and what to look at: %s", (status, remedy) => {
    expect(notDone(answered(status))).toEqual({ kind: "failed", reason: `the target answered ${status}: ${remedy}` });
  });

  it.each(REDIRECTS)("%i: no, for redirects are not followed", (status) => {
    const reason = `the target answered ${status}: redirects are not followed`;
    expect(notDone(answered(status))).toEqual({ kind: "failed", reason });
  });

  it("silence: what the target did is not known", () => {
    expect(notDone(SILENT)).toEqual({ kind: "unclear", reason: "the target did not answer in time" });
  });

  it("nothing sent: said as it is, for it may be tried again without fear", () => {
    expect(notDone(NOT_SENT)).toEqual({ kind: "not_sent", reason: "the attempt's time was up" });
  });

  it.each([
    [null, undefined],
    ["0", 0],
    ["7", 7_000],
    [" 120 ", 120_000],
    ["999999999", 999_999_999_000],
    ["Thu, 01 Jan 2026 00:01:30 GMT", 90_000],
    ["Wed, 31 Dec 2025 23:59:59 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ])("Retry-After %j asks for a wait of %s ms", (retry_after, after_ms) => {
    const outcome = notDone(answered(429, { headers: retry_after === null ? {} : { "Retry-After": retry_after } }));
    expect(outcome).toMatchObject({ kind: "later" });
    expect(outcome).toHaveProperty("after_ms", after_ms);
  });

  it.each([
    ["what it says of its error", '{"message":"Option dc is required"}', " (Option dc is required)"],
    ["… by another name", '{"error":"no such job","code":7}', " (no such job)"],
    ["… by a third", '{"detail":"no such job"}', " (no such job)"],
    ["… the first of them", '{"detail":"c","error":"b","message":"a"}', " (a)"],
    ["… the one that is a text", '{"message":{"code":7},"error":"b"}', " (b)"],
    ["… 200 characters of it", JSON.stringify({ message: "x".repeat(999) }), ` (${"x".repeat(199)}…)`],
    [
      "… of each field",
      '{"limit":["is not a number","is required"],"job":["is unknown"]}',
      " (limit: is not a number; limit: is required; job: is unknown)",
    ],
    ["… of each field, one level down", '{"message":{"job":["is unknown"]}}', " (job: is unknown)"],
    ["… as Jaeger says it", '{"error":{"httpCode":400,"message":"no such job"}}', " (no such job)"],
    ["… as an older one does", '{"data":null,"errors":[{"code":400,"msg":"no such job"},{}]}', " (no such job)"],
    ["… as a plain text", "no such job\n", " (no such job)"],
    ["… 200 characters of that, too", "x".repeat(999), ` (${"x".repeat(199)}…)`],
    ["nothing, where that says nothing", '{"message":""}', ""],
    ["nothing, where it is no text", '{"error":true}', ""],
    ["nothing, where it is a page", "\n<html>no such job", ""],
    ["nothing, where it is JSON that was cut", '{"message":"no such', ""],
    ["nothing, where there is nothing", "", ""],
    ["nothing of a list", '["no such job"]', ""],
    ["nothing of what is no words", '{"message":[1],"job":[{"code":7}]}', ""],
  ])("the reason of a refusal quotes %s", (_, text, said) => {
    expect(notDone(answered(422, { text }))).toEqual({ kind: "failed", reason: `the target answered 422${said}` });
  });

  it("quotes it on one line: a report has lines of its own", () => {
    const answer = answered(422, { text: JSON.stringify({ message: "no\nrun x:y:z" }) });
    expect(notDone(answer)?.reason).not.toContain("\n");
  });

  it("names the remedy first, and then what the target says", () => {
    const reason = "the target answered 403: its credential may not do this (read only)";
    expect(notDone(answered(403, { text: '{"message":"read only"}' }))).toEqual({ kind: "failed", reason });
  });
});

const Job = z.object({ id: z.int(), state: z.object({ name: z.string() }) });
const JOB = { id: 17, state: { name: "running" } };

describe.each([
  ["a start", readStart],
  ["a look", readLook],
])("reading the answer to %s", (_, read) => {
  it.each(DONE)("%i: what it says, as it was expected, with its headers", (status) => {
    const reading = read(
      answered(status, { text: JSON.stringify({ ...JOB, more: 1 }), headers: { Location: "/17" } }),
      Job,
    );
    expect(reading).toMatchObject({ ok: true, value: JOB });
    expect(reading.ok && reading.headers.get("Location")).toBe("/17");
  });

  it.each([
    ["a page to log in", "<html>log in", ""],
    ["nothing", "", ""],
    ["another shape", '{"id":17}', " (at state)"],
    ["another type, deep inside", '{"id":17,"state":{"name":7}}', " (at state.name)"],
    ["null", "null", ""],
  ])("%s instead leaves open what was done, and says where it is odd", (_, text, where) => {
    const reason = `the target answered 200, but not as expected${where}`;
    expect(read(answered(200, { text }), Job)).toEqual({ ok: false, outcome: { kind: "unclear", reason } });
  });

  it.each(LATER)("%i: not now", (status) => {
    const headers = { "Retry-After": "7" };
    const outcome = { kind: "later", reason: `the target answered ${status}`, after_ms: 7_000 };
    expect(read(answered(status, { headers }), Job)).toEqual({ ok: false, outcome });
  });

  it.each(UNCLEAR)("%i: not known", (status) => {
    const outcome = { kind: "unclear", reason: `the target answered ${status}` };
    expect(read(answered(status, { text: JSON.stringify(JOB) }), Job)).toEqual({ ok: false, outcome });
  });

  it("silence, and what was not sent, are what they are", () => {
    expect(read(SILENT, Job)).toEqual({ ok: false, outcome: { ...SILENT, kind: "unclear" } });
    expect(read(NOT_SENT, Job)).toEqual({ ok: false, outcome: NOT_SENT });
  });
});

describe.each(NOT_NOW)("reading a %i", (status) => {
  const answer = answered(status, { headers: { "Retry-After": "7" } });
  const reason = `the target answered ${status}`;

  it("a start may have come through: its outcome is not known", () => {
    expect(readStart(answer, Job)).toEqual({ ok: false, outcome: { kind: "unclear", reason } });
  });

  it("a look, and a question before anything is started, are made again when it asks for it", () => {
    const later = { ok: false, outcome: { kind: "later", reason, after_ms: 7_000 } };
    expect(readLook(answer, Job)).toEqual(later);
    expect(readBefore(answer, Job)).toEqual(later);
    expect(readBefore(answer, Job, true)).toEqual(later);
  });
});

describe("reading the answer to a question before anything is started", () => {
  it.each(UNCLEAR)("%i: nothing was done yet, so it is asked again", (status) => {
    const outcome = { kind: "later", reason: `the target answered ${status}` };
    expect(readBefore(answered(status), Job)).toEqual({ ok: false, outcome });
  });

  it("silence, or an odd answer: nothing was done yet either", () => {
    expect(readBefore(SILENT, Job)).toEqual({ ok: false, outcome: { ...SILENT, kind: "later" } });
    const reason = "the target answered 200, but not as expected";
    expect(readBefore(answered(200), Job)).toEqual({ ok: false, outcome: { kind: "later", reason } });
  });

  it("what was expected, a refusal, not now: as in a start", () => {
    const answers = [answered(200, { text: JSON.stringify(JOB) }), answered(403), answered(429), NOT_SENT];
    for (const answer of answers) expect(readBefore(answer, Job)).toEqual(readStart(answer, Job));
  });

  it("where an earlier attempt may have acted, it is a look", () => {
    const answers = [answered(200, { text: JSON.stringify(JOB) }), answered(200), answered(403), answered(500), SILENT];
    for (const answer of answers) expect(readBefore(answer, Job, true)).toEqual(readLook(answer, Job));
  });
});

describe("a refusal", () => {
  const refusals = [...NO, ...REDIRECTS, ...REMEDIES.map(([status]) => status)];

  it.each(refusals)("%i: a start has failed; a look has not: what was started goes on", (status) => {
    const answer = answered(status, { text: '{"message":"no"}' });
    const [started, looked] = [readStart(answer, Job), readLook(answer, Job)];
    expect(started).toEqual({ ok: false, outcome: notDone(answer) });
    expect(started).toMatchObject({ outcome: { kind: "failed" } });
    expect(looked).toEqual({ ok: false, outcome: { ...notDone(answer), kind: "unclear" } });
  });
});
