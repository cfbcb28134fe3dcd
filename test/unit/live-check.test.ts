import { describe, expect, it } from "vitest";
import { action, type Action } from "../../src/actions/action.ts";
import type { Outcome } from "../../src/domain/run.ts";
import { openApi } from "../../src/flashduty/open-api.ts";
import type { Answer, Call } from "../../src/runs/http.ts";
import { liveCheck } from "../../src/runs/live-check.ts";

type Said = Parameters<typeof action>[0];

function actionThat(said: Partial<Pick<Said, "informational" | "demands" | "unanswered">> = {}): Action {
  return action({ summary: "run a job", params: {}, ...said }, []);
}

function answered(body: unknown, status = 200): Answer {
  return { kind: "answered", status, headers: new Headers(), text: JSON.stringify(body) };
}

const inProgress = (progress: string) => answered({ request_id: "r-1", data: { progress } });
const refusal = (code: string, status = 400) => answered({ request_id: "r-1", error: { code, message: "no" } }, status);
const SILENT: Answer = { kind: "silent", reason: "the target did not answer in time" };

/** What keeps the run from starting where Flashduty answers so, and which incidents it was asked about. */
async function checked(around: Action, answer: Answer, busy_ms: number | null = null) {
  const asked: unknown[] = [];
  const call: Call = ({ url, body = "" }) => {
    asked.push([url.pathname, JSON.parse(body)]);
    return Promise.resolve(answer);
  };
  const flashduty = openApi({ url: "https://api.example", app_key: "k" }, call, () => Promise.resolve(busy_ms));
  return { kept: await liveCheck(around, "incident-1", flashduty), asked };
}

describe("the check before a run starts", () => {
  it("asks about the run's own incident, once", async () => {
    const { asked } = await checked(actionThat(), inProgress("Triggered"));
    expect(asked).toEqual([["/incident/info", { incident_id: "incident-1" }]]);
  });

  it.each(["Triggered", "Processing", "", "closed", "SomethingNewIn2030"])(
    "lets it start where the incident is %j",
    async (progress) => {
      expect((await checked(actionThat(), inProgress(progress))).kept).toBeNull();
      expect((await checked(actionThat({ informational: true }), inProgress(progress))).kept).toBeNull();
    },
  );

  it.each([{}, { informational: true }, { unanswered: "go_on" as const }])(
    "skips the run where the incident is closed, by an action that says %j",
    async (said) => {
      const skipped = { kind: "skipped", reason: "the incident is closed" };
      expect((await checked(actionThat(said), inProgress("Closed"))).kept).toEqual(skipped);
    },
  );

  it.each([{}, { informational: true }])("skips the run where there is no such incident any more: %j", async (said) => {
    const skipped = { kind: "skipped", reason: "Flashduty has no such incident any more" };
    expect((await checked(actionThat(said), refusal("ResourceNotFound"))).kept).toEqual(skipped);
    expect((await checked(actionThat(said), refusal("ResourceNotFound", 200))).kept).toEqual(skipped);
  });

  it("is not made where the action acts whatever the incident is", async () => {
    const { kept, asked } = await checked(actionThat({ demands: "nothing" }), inProgress("Closed"));
    expect([kept, asked]).toEqual([null, []]);
  });

  it("is not made where nobody can be asked", async () => {
    expect(await liveCheck(actionThat(), "incident-1", null)).toBeNull();
  });
});

/** Answers that tell nothing of the incident, and what they tell. */
const nothing: [string, Answer, string][] = [
  ["silence", SILENT, "Flashduty: the target did not answer in time"],
  ["no time left", { kind: "not_sent", reason: "the attempt's time was up" }, "the attempt's time was up"],
  ["an outage", answered("nginx", 502), "Flashduty answered 502"],
  ["a key that is not valid", refusal("Unauthorized", 401), "Flashduty refused: Unauthorized, no (request r-1)"],
  ["a key that may not", refusal("AccessDenied", 403), "Flashduty refused: AccessDenied, no (request r-1)"],
  ["an error of its own", refusal("InternalError", 500), "Flashduty refused: InternalError, no (request r-1)"],
  ["too many calls", refusal("RequestTooFrequently", 429), "Flashduty refused: RequestTooFrequently, no (request r-1)"],
  ["an odd answer", answered({}), "Flashduty answered 200, but not as documented"],
];

describe("where Flashduty tells nothing", () => {
  it.each(nothing)("%s: the run is held, and Flashduty asked again after 15 s", async (_, answer, said) => {
    const reason = `whether the incident is still open is not known: ${said}`;
    expect((await checked(actionThat(), answer)).kept).toEqual({ kind: "held", reason, after_ms: 15_000 });
  });

  it.each(nothing)("%s: a run that only tells something goes on", async (_, answer) => {
    expect((await checked(actionThat({ informational: true }), answer)).kept).toBeNull();
  });

  it.each<[string, Parameters<typeof actionThat>[0], Outcome["kind"] | null]>([
    ["go on", { unanswered: "go_on" }, null],
    ["wait", { unanswered: "wait" }, "held"],
    ["wait, though it only tells something", { informational: true, unanswered: "wait" }, "held"],
  ])("the playbook may have it %s", async (_, said, kind) => {
    expect((await checked(actionThat(said), SILENT)).kept?.kind ?? null).toBe(kind);
  });

  it.each([
    [2_000, 15_000],
    [15_001, 15_001],
    [45_000, 45_000],
  ])("for its quota is used up for %i ms: it is asked again after %i", async (busy_ms, after_ms) => {
    const { kept, asked } = await checked(actionThat(), inProgress("Closed"), busy_ms);
    expect(kept).toMatchObject({ kind: "held", after_ms });
    expect(asked).toEqual([]);
    expect((await checked(actionThat({ unanswered: "go_on" }), SILENT, busy_ms)).kept).toBeNull();
  });
});
