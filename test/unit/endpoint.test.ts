// What an endpoint of the admin API makes of what comes from outside, before it answers.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { Decision, decision, isRefused, Nothing, type Unread, view } from "../../src/admin/endpoint.ts";
import type { Who } from "../../src/admin/who.ts";
import { envOf } from "./settings.ts";

const PROGRAM: Who = { kind: "program" };
const WANGWU: Who = { kind: "person", name: "wangwu", by: "session" };
/** An address of e-mail may be this long. */
const LONG: Who = { kind: "person", name: `${"w".repeat(242)}@example.com`, by: "access" };

const Query = z.object({ limit: z.coerce.number().int().max(9).default(3) });
const Kept = z.strictObject({ limit: z.number() });
const looked = view({
  path: "/api/things",
  summary: "",
  query: Query,
  answer: Kept,
  answerTo: async ({ query }) => query,
});
const decided = decision({
  method: "POST",
  path: "/api/things",
  summary: "",
  body: Decision.extend({ reason: z.string().min(1) }),
  answer: z.string(),
  answerTo: async ({ body: { by, reason } }) => `${by}: ${reason}`,
});

function unread(more: Partial<Unread>): Unread {
  const span = { trace_id: "", span_id: "", flags: "" };
  return {
    params: {},
    query: {},
    body: undefined,
    who: PROGRAM,
    span,
    env: envOf({}),
    ctx: { waitUntil: () => undefined },
    ...more,
  };
}

/** What was answered; of a refusal, where its faults are. */
function told(answer: unknown): unknown {
  return isRefused(answer) ? [answer.problem.status, ...(answer.problem.errors ?? []).map(({ path }) => path)] : answer;
}

describe("what is asked is read as its shape says", () => {
  it.each<[query: unknown, unknown]>([
    [{}, { limit: 3 }],
    [{ limit: "9" }, { limit: 9 }],
    [{ limit: "7", of_others: "x" }, { limit: 7 }],
    [{ limit: "10" }, [400, "limit"]],
    [{ limit: "all" }, [400, "limit"]],
  ])("%j", async (query, answer) => {
    expect(told(await looked.serve(unread({ query })))).toEqual(answer);
  });

  it("and what is not asked for does not matter", async () => {
    const unasked = view({ ...looked, query: Nothing, answer: z.undefined(), answerTo: async ({ query }) => query });
    expect(await unasked.serve(unread({ query: { limit: "all" }, body: "anything" }))).toBeUndefined();
  });
});

describe("a decision bears a name", () => {
  it.each<[string, Who, body: unknown, unknown]>([
    ["a program says it", PROGRAM, { by: "lisi", reason: "done" }, "lisi: done"],
    ["blanks around it are none of it", PROGRAM, { by: " lisi ", reason: "done" }, "lisi: done"],
    ["a program that does not is refused", PROGRAM, { reason: "done" }, [400, "by"]],
    ["nobody is not a name", PROGRAM, { by: "  ", reason: "done" }, [400, "by"]],
    ["two lines are not a name", PROGRAM, { by: "li\nsi", reason: "done" }, [400, "by"]],
    ["every fault is told", PROGRAM, {}, [400, "by", "reason"]],
    ["a person's is known", WANGWU, { reason: "done" }, "wangwu: done"],
    ["a person's own counts, whatever is claimed", WANGWU, { by: "lisi", reason: "done" }, "wangwu: done"],
    ["even where that is no name", WANGWU, { by: 7, reason: "done" }, "wangwu: done"],
    ["as long as an address may be", LONG, { reason: "done" }, `${LONG.kind === "person" && LONG.name}: done`],
    ["but the rest must be sound", WANGWU, { reason: "" }, [400, "reason"]],
    ["and no more than is known", WANGWU, { reason: "done", state: "succeeded" }, [400, ""]],
    ["what is no object is no body", WANGWU, null, [400, ""]],
    ["nor is a list", WANGWU, [], [400, ""]],
    ["nor is text", PROGRAM, "by=lisi", [400, ""]],
  ])("%s", async (_, who, body, answer) => {
    expect(told(await decided.serve(unread({ who, body })))).toEqual(answer);
  });
});
