import { describe, expect, it } from "vitest";
import { problemResponse } from "../../src/problem.ts";
import { isKept, problem, type Refusal } from "../../src/receive/refusal.ts";

const faults = [{ path: "incident.incident_id", message: "is missing" }];

interface Row {
  refusal: Refusal;
  status: number;
  is_kept: boolean;
  /** What the person who looks must find in the answer. */
  names: string;
}

/** The design's table of bad input, and what else can be refused. A `why` without a row does not compile. */
const table: { [Why in Refusal["why"]]: Row & { refusal: { why: Why } } } = {
  not_set_up: {
    refusal: { why: "not_set_up", faults: ["A is missing", "B too"] },
    status: 503,
    is_kept: false,
    names: "A is missing; B too",
  },
  unknown_source: {
    refusal: { why: "unknown_source", source: "203.0.113.7" },
    status: 403,
    is_kept: true,
    names: "203.0.113.7",
  },
  through_worker: {
    refusal: { why: "through_worker", worker: "evil.example" },
    status: 403,
    is_kept: true,
    names: "It came through another Worker, evil.example. Flashduty calls this address directly.",
  },
  wrong_token: { refusal: { why: "wrong_token" }, status: 401, is_kept: false, names: "Authorization: Bearer" },
  wrong_method: { refusal: { why: "wrong_method" }, status: 405, is_kept: false, names: "A push is a POST." },
  wrong_content_type: {
    refusal: { why: "wrong_content_type", given: "text/plain" },
    status: 415,
    is_kept: false,
    names: "application/json",
  },
  too_large: { refusal: { why: "too_large", limit: 1_048_576 }, status: 413, is_kept: true, names: "1048576 bytes" },
  bad_body: { refusal: { why: "bad_body", faults }, status: 400, is_kept: true, names: "errors" },
  placeholders: { refusal: { why: "placeholders" }, status: 400, is_kept: true, names: "custom request body" },
  not_a_press: {
    refusal: { why: "not_a_press", event_type: "i_ack" },
    status: 400,
    is_kept: true,
    names: '"i_ack" is no press of a button. An incident webhook\'s address is /webhooks/incident.',
  },
  unknown_address: {
    refusal: { why: "unknown_address" },
    status: 404,
    is_kept: true,
    names: "The addresses are /webhooks/incident and /webhooks/action/<name>.",
  },
  unknown_action: {
    refusal: { why: "unknown_action", action: "reboot", known: ["a", "b"] },
    status: 404,
    is_kept: true,
    names: "a, b",
  },
  bad_params: { refusal: { why: "bad_params", faults }, status: 400, is_kept: true, names: "errors" },
  cannot_run: {
    refusal: { why: "cannot_run", action: "a", reason: "A_URL is missing", run_id: "i:e:a" },
    status: 422,
    is_kept: false,
    names: "A_URL is missing",
  },
  cannot_approve: {
    refusal: { why: "cannot_approve", reason: "nothing waits for approval in this incident" },
    status: 422,
    is_kept: false,
    names: "nothing waits for approval in this incident",
  },
  storage_silent: { refusal: { why: "storage_silent" }, status: 503, is_kept: false, names: "quarantine" },
};
const rows = Object.values(table).map((row) => ({ why: row.refusal.why, ...row }));

describe("a refusal", () => {
  it.each(rows)("$why: $status, and says what to do", ({ why, refusal, status, names }) => {
    const said = problem(refusal);
    expect(said.status).toBe(status);
    expect(said.type).toBe(`urn:flashduty-edge:problem:${why.replaceAll("_", "-")}`);
    expect(said.title).toMatch(/\S/);
    expect(said.detail).toContain(names);
  });

  it.each(rows)("$why: kept for a person to replay: $is_kept", ({ refusal, is_kept }) => {
    expect(isKept(refusal)).toBe(is_kept);
  });

  it.each(rows)("$why: goes over the wire as problem details", async ({ refusal, status }) => {
    const said = problem(refusal);
    const response = problemResponse(said);
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await response.json()).toEqual(said);
  });

  it.each(["bad_body", "bad_params"] as const)("%s: names each fault with its path", (why) => {
    expect(problem({ why, faults }).errors).toEqual(faults);
  });

  it("cannot_run: names the run that was recorded", () => {
    expect(problem(table.cannot_run.refusal).run_id).toBe("i:e:a");
  });

  it("unknown_source: says so where there was no address at all", () => {
    expect(problem({ why: "unknown_source", source: "" }).detail).toContain("no address");
  });

  it("401 and 405 carry the header that HTTP demands with them", () => {
    expect(problemResponse(problem(table.wrong_token.refusal)).headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    expect(problemResponse(problem(table.wrong_method.refusal)).headers.get("Allow")).toBe("POST");
  });
});
