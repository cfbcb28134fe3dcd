// How a page comes to its answer: it asks an endpoint as the API would, and shows what that says, or why it does not.
import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";
import { askedBy } from "../api/mount.ts";
import { isRefused, type Refused, type Unread } from "../endpoint.ts";
import { part } from "../part.ts";
import type { AdminEnv } from "../who.ts";
import { ProblemPage } from "./problem.tsx";
import { type Viewer, viewerOf } from "./viewer.ts";

/** What a component renders to. */
export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Asks with the page's own address, and `body` where something is decided. */
export async function ask<Answer>(
  c: Context<AdminEnv>,
  { serve }: { serve: (unread: Unread) => Promise<Answer | Refused> },
  body?: Readonly<Record<string, unknown>>,
): Promise<Answer | Refused> {
  return serve({ params: c.req.param(), query: c.req.query(), body, ...askedBy(c) });
}

/** The same for what a page can do without: null where that does not answer, or not in time. */
export async function askBeside<Answer>(
  c: Context<AdminEnv>,
  endpoint: { path: string; serve: (unread: Unread) => Promise<Answer | Refused> },
): Promise<Answer | null> {
  const answer = await part(endpoint.path, async () => ask(c, endpoint));
  return isRefused(answer) ? null : answer;
}

/** The page about what was answered, or about why there is nothing to show. */
export async function answer<T>(
  c: Context<AdminEnv>,
  found: T | Refused,
  page: (viewer: Viewer, found: T) => Page,
): Promise<Response> {
  return isRefused(found) ? problemPage(c, found.problem) : pageOf(page(viewerOf(c, c.get("who")), found));
}

/** The page about why there is nothing to show. */
export async function problemPage(c: Context<AdminEnv>, problem: Refused["problem"]): Promise<Response> {
  return pageOf(<ProblemPage viewer={viewerOf(c, c.get("who"))} problem={problem} />, problem.status);
}

export async function pageOf(page: Page, status = 200): Promise<Response> {
  const html = await page;
  return new Response(html.toString(), { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
