import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { arrivalOf } from "../../src/receive/arrival.ts";
import { caller } from "../../src/runs/http.ts";
import { idsIn, idsOf, parseTraceparent, spanUnder, traceparentOf } from "../../src/trace.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const HEADER = `00-${TRACE}-${SPAN}-01`;
const ZERO = "0".repeat(32);

afterEach(() => {
  vi.unstubAllGlobals();
});

const HEX = Array.from({ length: 16 }, (_, digit) => digit.toString(16));

/** Parts that are right, or nearly so. */
const digits = (length: number) => fc.string({ unit: fc.constantFrom(...HEX), minLength: length, maxLength: length });
const nearly = (right: fc.Arbitrary<string>, ...wrong: string[]) =>
  fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...wrong, "") });
const header = fc.oneof(
  fc.string(),
  fc
    .tuple(
      nearly(fc.constantFrom("00", "01", "cc", "fe"), "ff", "0", "0G"),
      nearly(digits(32), ZERO, TRACE.toUpperCase()),
      nearly(digits(16), ZERO.slice(16)),
      nearly(digits(2), "1", "zz"),
      fc.constantFrom([], [], ["more"], [""]),
    )
    .map(([version, trace, span, flags, more]) => [version, trace, span, flags, ...more].join("-")),
);

/** Strictly as version 00 has it, without the pattern of the code. */
function isValid(traceparent: string): boolean {
  const [version, trace = "", span = "", flags = "", ...more] = traceparent.split("-");
  const all_hex = Array.from([version, trace, span, flags].join("")).every((digit) => HEX.includes(digit));
  const lengths = [trace.length, span.length, flags.length].join();
  return (
    version === "00" && all_hex && lengths === "32,16,2" && more.length === 0 && /[^0]/.test(trace) && /[^0]/.test(span)
  );
}

describe("a traceparent", () => {
  it.each<[string, string, string]>([
    ["as usual", HEADER, "01"],
    ["that is not sampled", `00-${TRACE}-${SPAN}-00`, "00"],
    ["whose id is random", `00-${TRACE}-${SPAN}-02`, "02"],
    ["with flags that nobody knows yet", `00-${TRACE}-${SPAN}-fd`, "01"],
    ["of a version to come", `01-${TRACE}-${SPAN}-01`, "01"],
    ["of a version to come that says more", `cc-${TRACE}-${SPAN}-03-what-the-future-will-be-like`, "03"],
    ["of a version to come that ends in a dash", `fe-${TRACE}-${SPAN}-00-`, "00"],
  ])("%s is read", (_, text, flags) => {
    expect(parseTraceparent(text)).toEqual({ trace_id: TRACE, span_id: SPAN, flags });
  });

  it.each<[string, string]>([
    ["is missing", ""],
    ["is something else", "4bf92f3577b34da6a3ce929d0e0e4736"],
    ["has a version that is forbidden", `ff-${TRACE}-${SPAN}-01`],
    ["has no version", `${TRACE}-${SPAN}-01`],
    ["has a version of one digit", `0-${TRACE}-${SPAN}-01`],
    ["has a version that is no number", `0x-${TRACE}-${SPAN}-01`],
    ["has a trace of zeros", `00-${ZERO}-${SPAN}-01`],
    ["has a span of zeros", `00-${TRACE}-${ZERO.slice(16)}-01`],
    ["is in capitals", HEADER.toUpperCase()],
    ["has a trace that is too short", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["has a trace that is too long", `00-${TRACE}0-${SPAN}-01`],
    ["has a span that is too short", `00-${TRACE}-${SPAN.slice(1)}-01`],
    ["has no flags", `00-${TRACE}-${SPAN}`],
    ["has half of its flags", `00-${TRACE}-${SPAN}-1`],
    ["has flags that are no number", `00-${TRACE}-${SPAN}-0.`],
    ["says more than version 00 may", `${HEADER}-more`],
    ["ends in a dash", `${HEADER}-`],
    ["ends in a line break", `${HEADER}\n`],
    ["begins with a blank", ` ${HEADER}`],
    ["is there twice", `${HEADER}, ${HEADER}`],
    ["is there twice, of a version to come", `01${HEADER.slice(2)}, 01${HEADER.slice(2)}`],
    ["is of a version to come, and runs on", `01${HEADER.slice(2)}.more`],
  ])("that %s is ignored", (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });
});

describe("a span", () => {
  it("is in the trace of whoever asked for the work, with an id of its own", () => {
    const span = spanUnder(HEADER);
    expect(span).toEqual({ trace_id: TRACE, span_id: span.span_id, parent_span_id: SPAN, flags: "01" });
    expect(span.span_id).not.toBe(SPAN);
    expect(spanUnder(HEADER).span_id).not.toBe(span.span_id);
  });

  it.each([null, undefined, "", "nonsense"])("begins a trace where there is none to continue: %j", (text) => {
    const [span, other] = [spanUnder(text), spanUnder(text)];
    expect(isValid(traceparentOf(span))).toBe(true);
    expect([span.flags, span.parent_span_id]).toEqual(["03", undefined]);
    expect(new Set([span.trace_id, other.trace_id, span.span_id, other.span_id]).size).toBe(4);
  });

  it("is told to others validly, whatever has come, and never under somebody else's id", () => {
    fc.assert(
      fc.property(header, (text) => {
        const known = parseTraceparent(text);
        const span = spanUnder(text);
        expect(isValid(traceparentOf(span))).toBe(true);
        expect(parseTraceparent(traceparentOf(span))).toEqual({
          trace_id: known?.trace_id ?? span.trace_id,
          span_id: span.span_id,
          flags: known?.flags ?? "03",
        });
        expect(span.parent_span_id).toBe(known?.span_id);
        expect(span.span_id).not.toBe(known?.span_id);
      }),
    );
  });

  it("is named in a line of the log, by itself or by its traceparent", () => {
    const span = spanUnder(HEADER);
    const { trace_id, span_id } = span;
    expect(idsOf(span)).toEqual({ trace_id, span_id, parent_span_id: SPAN });
    expect(idsIn(traceparentOf(span))).toEqual({ trace_id, span_id });
    expect([idsIn(), idsIn(""), idsIn("nonsense")]).toEqual([{}, {}, {}]);
  });
});

describe("a push", () => {
  it.each([
    ["traceparent", HEADER, TRACE],
    ["TraceParent", HEADER, TRACE],
    ["traceparent", `  ${HEADER} `, TRACE],
    ["tracestate", HEADER, undefined],
  ])("takes the trace over that %s: %j names", (name, value, trace) => {
    const request = new Request("https://edge.example/webhooks/incident", { headers: { [name]: value } });
    const { span } = arrivalOf(request, { kind: "incident" }, 7);
    expect([span.trace_id === TRACE, span.parent_span_id]).toEqual([trace === TRACE, trace && SPAN]);
  });
});

/** What is sent with a request to a target, by the network and by a service. */
async function sentWith(traceparent: string | undefined, headers: Record<string, string>): Promise<Headers[]> {
  const sent: Headers[] = [];
  const receive = vi.fn(async (request: Request) => {
    sent.push(request.headers);
    return new Response("done");
  });
  vi.stubGlobal("fetch", receive);
  const way = {
    deadline_at: Date.now() + 10_000,
    services: { VPC: { fetch: receive, connect: vi.fn() } },
    hide: String,
  };
  const call = caller(traceparent === undefined ? way : { ...way, traceparent });
  const request = { method: "POST", url: new URL("https://runner.example/"), headers: new Headers(headers) };
  await call(request);
  await call({ ...request, through: "VPC" });
  expect(Object.fromEntries(request.headers)).toEqual(Object.fromEntries(new Headers(headers)));
  return sent;
}

describe("a request to a target", () => {
  it.each<[string, string | undefined, Record<string, string>, string | null]>([
    ["carries the attempt's span", HEADER, {}, HEADER],
    ["keeps what its connector says", HEADER, { traceparent: "of-the-connector" }, "of-the-connector"],
    ["keeps what its connector says in capitals", HEADER, { TRACEPARENT: "of-the-connector" }, "of-the-connector"],
    ["carries none where there is no attempt", undefined, {}, null],
  ])("%s, by the network and by a service", async (_, traceparent, headers, sent) => {
    const all = await sentWith(traceparent, headers);
    expect(all.map((one) => one.get("traceparent"))).toEqual([sent, sent]);
  });
});
