// Errors on the wire: problem details (RFC 9457).
import type { Fault } from "./fault.ts";

/** What every problem has; further members belong to the one who says it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}

export function problemOf(why: string, status: number, title: string, detail: string): Problem {
  return { type: problemType(why), title, status, detail };
}

/** Names a kind of problem, for programs. */
export function problemType(why: string): string {
  return `urn:flashduty-edge:problem:${why.replaceAll("_", "-")}`;
}

/** 401 and 405 carry the header that HTTP demands with them (RFC 9110). */
export function problemResponse(problem: Problem & { errors?: readonly Fault[] }): Response {
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  if (problem.status === 401) headers.set("WWW-Authenticate", 'Bearer realm="flashduty-edge"');
  if (problem.status === 405) headers.set("Allow", "POST");
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}
