// What a call to the Open API comes to: data, or one of the documented errors; and how its parameters are read. The vendor
// ignores a parameter that it does not know, so the stand-in does, too; the contract is what finds a typo.

import * as z from "zod";

/** The documented error codes, each with the status it comes with. */
export const STATUS_OF = {
  InvalidParameter: 400,
  BadRequest: 400,
  InvalidContentType: 400,
  ResourceNotFound: 400,
  NoLicense: 400,
  ReferenceExist: 400,
  Unauthorized: 401,
  BalanceNotEnough: 402,
  AccessDenied: 403,
  RouteNotFound: 404,
  MethodNotAllowed: 405,
  UndonedOrderExist: 409,
  EntityTooLarge: 413,
  RequestLocked: 423,
  RequestVerifyRequired: 428,
  DangerousOperation: 428,
  RequestTooFrequently: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
} as const;

/** A documented error code. */
export type ErrorCode = keyof typeof STATUS_OF;

/** What a call comes to: the data of its answer, or an error. */
export type Outcome = { data: unknown } | { error: { code: ErrorCode; message: string } };

/** One call: its method, and what it comes to for the value of its JSON, or of its query. */
export type Route = { method: "GET" | "POST"; answer(input: unknown, at_ms: number): Outcome };

/** The outcome of a call that changes nothing. */
export function refused(code: ErrorCode, message: string): Outcome {
  return { error: { code, message } };
}

/** A call whose parameters have this shape; all others are refused, each fault with its place. */
export function route<Input>(
  method: Route["method"],
  shape: z.ZodType<Input>,
  answer: (input: Input, at_ms: number) => Outcome,
): Route {
  return {
    method,
    answer: (input, at_ms) => {
      const read = shape.safeParse(input);
      if (read.success) return answer(read.data, at_ms);
      const faults = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      return refused("InvalidParameter", `The specified parameter is not valid: ${faults.join("; ")}`);
    },
  };
}

/** A text of at most so many characters. As in Go, a character is a code point: an emoji is one, and not two. */
export function text(at_most: number) {
  return z.string().refine((value) => Array.from(value).length <= at_most, `at most ${at_most} characters`);
}

/** Ids that count up, and look like the vendor's: 26 characters, in the order of their making. */
export function idsFrom(start: string): () => string {
  let made = 0;
  return () => {
    made += 1;
    return (
      start +
      made
        .toString(36)
        .toUpperCase()
        .padStart(26 - start.length, "0")
    );
  };
}
