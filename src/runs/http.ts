// The one place where requests leave for targets. No redirect is followed, no answer is read beyond a limit, nothing
// takes longer than its attempt may. What went wrong is a value, and names no address and no header: both hold secrets.
// Of what comes back, the secrets of the settings are taken out at once: a target may echo what it was sent.

import { line } from "../domain/text.ts";
import type { Note } from "../domain/trail.ts";

/** One request. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  headers: Headers;
  body?: string | undefined;
  /** It may change something although it is a GET. Anything else is taken to change something. */
  acts?: boolean | undefined;
  /** For Flashduty's own API, where most of what only reads is a POST. */
  only_reads?: boolean | undefined;
  /** Names the service by which it goes, where that is bound; otherwise it goes by the public network. */
  through?: string | undefined;
}

export type Answer =
  | { kind: "answered"; status: number; headers: Headers; text: string }
  /** Nothing was sent: the attempt's time was up before. */
  | { kind: "not_sent"; reason: string }
  /** Nothing came back, or too late: what the target did is not known. */
  | { kind: "silent"; reason: string };

export type Call = (request: OutgoingRequest) => Promise<Answer>;

/** Bytes of an answer that are read; the rest is left. */
export const ANSWER_BYTES = 1024 * 1024;

/** What changes something is not sent when it would be cut off at once. */
const START_TAKES_MS = 500;

/** The way out of one attempt. */
export interface WayOut {
  /** The time (ms) at which every request is cut off. */
  deadline_at: number;
  services: Readonly<Record<string, Fetcher>>;
  /** Takes secrets out of what came back. */
  hide: (text: string) => string;
  /** What may change something is not sent. */
  dry_run?: boolean;
  /** Of the attempt: a target continues its trace by it, unless its connector says otherwise. */
  traceparent?: string;
  /** Is told what was sent, or would have been, and what came back; without secrets. */
  note?: (note: Note) => void;
}

/** Thrown instead of sending, in a dry run: nobody knows what the answer would have been. */
export class NotSentInDryRun extends Error {}

const MOST_NOTED = 400;

export function caller(way: WayOut): Call {
  const { deadline_at, services, hide, dry_run = false, traceparent = "", note = () => {} } = way;
  const noted = (what: Note["what"], text: string) => note({ what, text: line(hide(text), MOST_NOTED) });
  return async ({ method, url, headers: sent, body, through = "", acts = false, only_reads = false }) => {
    const may_change = !only_reads && (acts || method !== "GET");
    const said = `${method} ${url.href}${body === undefined ? "" : ` ${body}`}`;
    if (dry_run && may_change) {
      noted("would_send", said);
      throw new NotSentInDryRun("a dry run does not send this");
    }
    const left_ms = deadline_at - Date.now();
    if (left_ms <= (may_change ? START_TAKES_MS : 0)) return { kind: "not_sent", reason: "the attempt's time was up" };
    // What is wrong with the request itself is the playbook's fault, and not the network's: it may throw.
    const headers = new Headers(sent);
    if (traceparent !== "" && !headers.has("traceparent")) headers.set("traceparent", traceparent);
    const init = { method, headers, redirect: "manual" as const };
    const request = new Request(url, body === undefined ? init : { ...init, body });
    const signal = AbortSignal.timeout(left_ms);
    noted("sent", said);
    try {
      const service = services[through];
      const response = await (service === undefined ? fetch(request, { signal }) : service.fetch(request, { signal }));
      // Hidden before it is cut anywhere: a part of a secret would not be known for one.
      const text = hide(await readUpTo(ANSWER_BYTES, response.body));
      const shown = new Headers();
      for (const [name, value] of response.headers) shown.append(name, hide(value));
      noted("answered", `${response.status} ${text.slice(0, 4 * MOST_NOTED)}`);
      return { kind: "answered", status: response.status, headers: shown, text };
    } catch {
      const reason = signal.aborted ? "the target did not answer in time" : "the target could not be reached";
      noted("answered", reason);
      return { kind: "silent", reason };
    }
  };
}

async function readUpTo(limit: number, stream: ReadableStream<Uint8Array> | null): Promise<string> {
  if (stream === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let left = limit;
  try {
    for await (const chunk of stream) {
      text += decoder.decode(chunk.subarray(0, left), { stream: true });
      left -= chunk.byteLength;
      if (left <= 0) break; // leaving the loop cancels the stream
    }
  } catch {
    // Cut off: the status has said what became of the request.
  }
  return text + decoder.decode();
}
