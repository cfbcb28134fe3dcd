// A connector, played against a stand-in of its system: from the start to the end, look by look, as runs do it.
import type { Action } from "../../../src/actions/action.ts";
import { action } from "../../../src/actions/action.ts";
import { attempt } from "../../../src/actions/attempt.ts";
import type { Connector } from "../../../src/actions/connector.ts";
import { readConnectorSettings } from "../../../src/config.ts";
import type { Outcome, Run, Values } from "../../../src/domain/run.ts";
import type { Push } from "../../../src/flashduty/push.ts";
import type { OpenApi } from "../../../src/flashduty/open-api.ts";
import type { Answer } from "../../../src/runs/http.ts";
import { hiding } from "../../../src/secret.ts";
import { documentedBody, pushIn } from "../bodies.ts";
import { runOf } from "../runs.ts";

/** One request, as a system sees it. */
export interface Asked {
  method: string;
  /** As it travels: still encoded. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: string;
  /** The body as JSON; null where it is none. */
  json: unknown;
}

/** What a system answers: JSON, or a text; or that the connection broke. */
export type Said = { status: number; json?: unknown; text?: string; headers?: Record<string, string> } | "silence";

/** Behaves as the documents of the real system say. A state of its own, over time, is a closure. */
export type StandIn = (asked: Asked) => Said;

export interface Played {
  /** What each attempt came to; the last is the end, or an attempt that is made again. */
  outcomes: Outcome[];
  last: Outcome;
  asked: Asked[];
}

export interface Circumstances {
  /** As in the environment. */
  settings: Record<string, string>;
  params?: Record<string, string>;
  run?: Partial<Run>;
  push?: Push;
  earlier?: Values;
  flashduty?: OpenApi | null;
  /** When each attempt is cut off (ms); by default, never. */
  deadline_at?: number;
  /** Of the action around the connector. */
  fields?: Record<string, string>;
}

/** Looks at a job that goes on at most so often: a stand-in that never ends its job is a fault of the test. */
const MOST_LOOKS = 50;

/** Starts, and looks again and again while it is `waiting`. */
export async function play(
  connector: Connector<Record<string, never>>,
  standIn: StandIn,
  {
    settings,
    params = {},
    run = {},
    push,
    earlier = {},
    flashduty = null,
    deadline_at = Infinity,
    fields = {},
  }: Circumstances,
): Promise<Played> {
  const played: Action = action({ summary: "try a connector", params: {}, fields }, [connector]);
  const [bound] = played.connectors;
  if (bound === undefined) throw new Error("an action without a connector");
  const read = readConnectorSettings(settings as unknown as Env, bound.settings); // oxlint-disable-line typescript/no-unsafe-type-assertion
  if (!read.ok) throw new Error(read.faults.join("; "));
  const { values, secrets } = read.settings;
  const hide = hiding(secrets);
  const asked: Asked[] = [];
  const outcomes: Outcome[] = [];
  const tools = {
    settings: values,
    flashduty: () => flashduty,
    deadline_at,
    earlier,
    hide,
    call: calls(standIn, asked, hide),
  };
  let now = runOf({ params, ...run });
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const outcome = await attempt(played, bound, now, push ?? pushIn(documentedBody), tools);
    outcomes.push(outcome);
    if (outcome.kind !== "waiting") return { outcomes, last: outcome, asked };
    now = { ...now, handle: outcome.handle, may_have_acted: false };
  }
  throw new Error(`still waiting after ${MOST_LOOKS} looks`);
}

function calls(standIn: StandIn, asked: Asked[], hide: (text: string) => string) {
  return (request: { method: string; url: URL; headers: Headers; body?: string | undefined }): Promise<Answer> => {
    const { method, url, headers, body = "" } = request;
    const seen = { method, path: url.pathname, query: url.searchParams, headers, body, json: jsonIn(body) };
    asked.push(seen);
    const said = standIn(seen);
    if (said === "silence") return Promise.resolve({ kind: "silent", reason: "the target could not be reached" });
    const text = said.text ?? (said.json === undefined ? "" : JSON.stringify(said.json));
    const answered = { kind: "answered" as const, status: said.status, headers: new Headers(said.headers) };
    return Promise.resolve({ ...answered, text: hide(text) });
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
