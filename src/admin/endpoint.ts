// An endpoint of the admin API: what is asked, what is answered, in one value. The routes, the description (OpenAPI) and
// the pages are made of the same ones.
import * as z from "zod";
import { within } from "../deadline.ts";
import { type Fault, faultsOf } from "../fault.ts";
import type { Background } from "../receive/refuse.ts";
import { type Problem, problemOf } from "../problem.ts";
import { idsOf, type Span } from "../trace.ts";
import { doorOf, PersonName, type Who } from "./who.ts";

/** What an endpoint is asked, read and checked. */
export interface Asked<Query, Body> {
  /** The parts of the path that its pattern names. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  who: Who;
  /** Of this request, for the log. */
  span: Span;
  env: Env;
  ctx: Background;
}

/** The same as it comes from outside. */
export type Unread = Asked<unknown, unknown>;

/** Why there is no answer. */
export interface Refused {
  problem: Problem & { errors?: readonly Fault[] };
}

interface Endpoint<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** As Hono reads it, below /admin: `/api/runs/:run_id`. */
  path: `/api/${string}`;
  /** What it does, in a line. */
  summary: string;
  query: Query;
  body: Body;
  answer: Answer;
  /** The statuses of its problems, beside 400 and 401, each with when it comes. */
  problems: Readonly<Record<number, string>>;
  /** Answers what was read and checked before. */
  answerTo: (asked: Asked<z.output<Query>, z.output<Body>>) => Promise<z.output<Answer> | Refused>;
  /** Reads what comes from outside, and answers it. */
  serve: (unread: Unread) => Promise<z.output<Answer> | Refused>;
}

/** Any of them, where only its shapes matter. */
export type AnyEndpoint = Omit<Endpoint<z.ZodType, z.ZodType, z.ZodType>, "answerTo">;

/** Of a query or a body: there is none. */
export const Nothing = z.unknown().transform(() => undefined);

type Given<E extends { problems: unknown }, Left extends keyof E> = Omit<E, "serve" | "problems" | Left> &
  Partial<Pick<E, "problems">>;

/** In a bad night, a page that says that it cannot be shown is worth more than one that never comes. */
const SHOWN_WITHIN_MS = 5_000;

/** Shows something, and changes nothing. */
export function view<Query extends z.ZodType, Answer extends z.ZodType>(
  given: Given<Endpoint<Query, typeof Nothing, Answer>, "method" | "body">,
): Endpoint<Query, typeof Nothing, Answer> {
  const answerTo: typeof given.answerTo = async (asked) => within(SHOWN_WITHIN_MS, given.path, given.answerTo(asked));
  return served({ problems: {}, ...given, method: "GET", body: Nothing, answerTo });
}

/** What a decision says at least. */
export const Decision = z.strictObject({
  by: PersonName.describe("In whose name. Of a person who has logged in it is known, and need not be said"),
});

/** Read by others months later, in a list. */
export const MOST_REASON = 500;
/** Why somebody decides so. */
export const Reason = z.string().trim().min(1).max(MOST_REASON);

/** Carries out what somebody has decided, who is named. */
export function decision<Body extends z.ZodType<{ by: string }>, Answer extends z.ZodType>(
  given: Given<Endpoint<typeof Nothing, Body, Answer>, "query">,
): Endpoint<typeof Nothing, Body, Answer> {
  return served({ problems: {}, ...given, query: Nothing });
}

/** Who has decided, and by which request, for the log. */
export function decidedBy({ who, span, body }: Pick<Asked<unknown, { by: string }>, "who" | "span" | "body">) {
  return { ...idsOf(span), by: body.by, door: doorOf(who) };
}

function served<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>(
  given: Omit<Endpoint<Query, Body, Answer>, "serve">,
): Endpoint<Query, Body, Answer> {
  const serve = async (unread: Unread) => {
    const query = given.query.safeParse(unread.query);
    if (!query.success) return badQuery(faultsOf(query.error));
    const body = given.body.safeParse(inOwnName(unread));
    if (!body.success) return badBody(faultsOf(body.error));
    return given.answerTo({ ...unread, query: query.data, body: body.data });
  };
  return { ...given, serve };
}

/** The body, in the person's own name, whatever it claims. */
function inOwnName({ who, body }: Unread): unknown {
  const is_object = typeof body === "object" && body !== null && !Array.isArray(body);
  if (who.kind === "program" || !is_object) return body;
  return { ...body, by: who.name };
}

export function isRefused(answer: unknown): answer is Refused {
  return typeof answer === "object" && answer !== null && "problem" in answer;
}

/** Refuses because there is no such thing. */
export function unknown(what: string): Refused {
  return refused("not_found", 404, `Unknown ${what}`, `There is no such ${what}, or it was forgotten.`);
}

/** Refuses because it cannot be done as things are. */
export function notPossible(reason: string): Refused {
  return refused("not_possible", 409, "Not possible", reason);
}

function badQuery(faults: readonly Fault[]): Refused {
  const detail = faults.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const { problem } = refused("bad_query", 400, "Wrong query", detail);
  return { problem: { ...problem, errors: faults } };
}

/** Refuses because of what its body says. */
export function badBody(faults: readonly Fault[]): Refused {
  const { problem } = refused("bad_body", 400, "Wrong body", "Each fault is named in errors.");
  return { problem: { ...problem, errors: faults } };
}

function refused(why: string, status: number, title: string, detail: string): Refused {
  return { problem: problemOf(why, status, title, detail) };
}
