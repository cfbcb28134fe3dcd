// An endpoint of the admin API: what is asked, what is answered, in one value. The routes, the description (OpenAPI) and
// the pages are made of the same ones.
import type * as z from "zod";
import type { Background } from "../receive/refuse.ts";
import { type Problem, problemOf } from "../problem.ts";
import type { Who } from "./who.ts";

/** What an endpoint is asked, read and checked. */
export interface Asked<Query, Body> {
  /** The parts of the path that its pattern names. */
  params: Readonly<Record<string, string>>;
  query: Query;
  body: Body;
  who: Who;
  env: Env;
  ctx: Background;
}

/** Why there is no answer. */
export interface Refused {
  problem: Problem;
}

export interface Endpoint<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** As Hono reads it, below /admin: `/api/runs/:run_id`. */
  path: `/api/${string}`;
  /** What it does, in a line. */
  summary: string;
  query?: Query;
  body?: Body;
  answer: Answer;
  /** The statuses of its problems, beside 400 and 401, each with when it comes. */
  problems?: Readonly<Record<number, string>>;
  answerTo: (asked: Asked<z.output<Query>, z.output<Body>>) => Promise<z.output<Answer> | Refused>;
}

/** Any of them, where only its shapes matter. */
export type AnyEndpoint = Omit<Endpoint<z.ZodType, z.ZodType, z.ZodType>, "answerTo">;

/** Says what it is; the compiler then knows what it is asked and what it answers. */
export function endpoint<
  Answer extends z.ZodType,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
>(given: Endpoint<Query, Body, Answer>): Endpoint<Query, Body, Answer> {
  return given;
}

export function isRefused(answer: unknown): answer is Refused {
  return typeof answer === "object" && answer !== null && "problem" in answer;
}

/** Refuses because there is no such thing. */
export function unknown(what: string): Refused {
  const detail = `There is no such ${what}, or it was forgotten.`;
  return { problem: problemOf("not_found", 404, `Unknown ${what}`, detail) };
}
