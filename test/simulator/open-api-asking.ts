// How the stand-in's own tests ask it: with a key, JSON and an envelope that is read, because every answer has one.

import { expect } from "vitest";
import * as z from "zod";
import { contractFromFile } from "./contract-file.ts";
import { createOpenApi } from "./open-api.ts";
import type { OpenApi, OpenApiOptions } from "./open-api.ts";

/** The account's key. */
export const app_key = "a-key-that-only-tests-use";
/** An incident that the account has. */
export const incident_id = "69da451ef77b1b51f40e83ee";
/** Another incident that the account has. */
export const another_id = "69da451ef77b1b51f40e83ef";
/** Its status page. */
export const page_id = 5750613685214;
/** A component of the page. */
export const web = "01KC3GAZ6ZJE40H55GM31RPWZE";
/** Another component. */
export const api_component = "01KC3GAZ6ZJE40H55GM31RPWZF";
/** When it begins by the stand-in's clock, in Unix milliseconds. */
export const started_ms = 1_775_972_145_123;

/** The envelope. */
export const Answer = z.object({
  request_id: z.string(),
  data: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

/** What is unusual about a call. `key`: null for none; `text`: a body as it is. */
export type Asking = {
  key?: string | null;
  method?: string;
  content_type?: string;
  text?: string;
  query?: Record<string, string | number>;
};

/** A call that is in order, but for what is unusual about it. */
export function requestFor(path: string, body: object = {}, asking: Asking = {}): Request {
  const { key = app_key, method = "POST", content_type = "application/json", text, query = {} } = asking;
  const address = new URL(path, "https://api.flashcat.cloud");
  if (key !== null) address.searchParams.set("app_key", key);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
  if (method === "GET") return new Request(address);
  return new Request(address, {
    method,
    headers: { "Content-Type": content_type },
    body: text ?? JSON.stringify(body),
  });
}

/** Asks, and reads the envelope, which must carry the id that the header carries. */
export async function ask(api: OpenApi, path: string, body: object = {}, asking: Asking = {}) {
  const response = await api.answer(requestFor(path, body, asking));
  const answer = Answer.parse(await response.json());
  expect(response.headers.get("Flashcat-Request-Id")).toBe(answer.request_id);
  return { status: response.status, headers: response.headers, ...answer };
}

/** Asks for what is read by GET. */
export async function get(api: OpenApi, path: string, query: Record<string, string | number>) {
  return ask(api, path, {}, { method: "GET", query });
}

/** A stand-in with two incidents, one status page and custom fields of every type; its clock stands still. */
export function standIn(options: Partial<OpenApiOptions> = {}) {
  const clock = { now_ms: started_ms };
  const api = createOpenApi({
    app_key,
    now: () => clock.now_ms,
    custom_fields: { runbook: "string", attempts: "number", automatic: "boolean", hosts: "list" },
    contract: contractFromFile(),
    ...options,
  });
  api.add_incident(incident_id, { title: "es.nj.01 is down", fields: { runbook: "" } });
  api.add_incident(another_id);
  const components = [
    { component_id: web, name: "Web Console" },
    { component_id: api_component, name: "API" },
  ];
  api.add_status_page({ page_id, components });
  return { api, clock };
}
