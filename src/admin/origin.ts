// Whether a request that changes something comes from a page of ours. A browser sends cookies along with what other sites
// make it send, too; but it says truly which site that was.

/** The form in which one part of the admin takes what it is sent. */
export type BodyType = "application/json" | "application/x-www-form-urlencoded";

/** Reads nothing, so it can be repeated by anybody without harm. */
export function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Whether a page of ours sent it. Who does not say where it comes from is not believed. */
export function isOwn(request: Request, type: BodyType): boolean {
  const { headers, method, url } = request;
  if (headers.get("Origin") !== new URL(url).origin) return false;
  if ((headers.get("Sec-Fetch-Site") ?? "same-origin") !== "same-origin") return false;
  // A form can send neither JSON nor a DELETE: with those a browser asks first, and is told no.
  const given = headers.get("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
  return given === type || (given === undefined && method === "DELETE");
}
