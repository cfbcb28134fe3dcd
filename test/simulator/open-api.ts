// Flashduty's Open API, reduced to the calls that this project makes, and as its description tells them: what is written
// can be read again, the limits hold, and it fails on order. It is a pure function of what it was asked and of the clock
// it was given, and needs nothing of Node, so that the same stand-in serves the tests in workerd and those on a port.

import * as z from "zod";
import { Script } from "./open-api-behaviour.ts";
import { Account, Judge } from "./open-api-account.ts";
import { Door } from "./open-api-door.ts";
import { Incidents } from "./open-api-incidents.ts";
import { mostWithin } from "./open-api-limits.ts";
import { route } from "./open-api-route.ts";
import { StatusPages } from "./open-api-status-pages.ts";
import type { Contract } from "./contract.ts";
import type { ApiCall } from "./open-api-account.ts";
import type { Behaviour } from "./open-api-behaviour.ts";
import type { CommentSeen, FeedEntry, FieldType, IncidentFacts, Written } from "./open-api-incidents.ts";
import type { Route } from "./open-api-route.ts";
import type { ChangeShown, StatusPage } from "./open-api-status-pages.ts";

export { times } from "./open-api-behaviour.ts";
export type { ApiCall } from "./open-api-account.ts";
export type { Behaviour } from "./open-api-behaviour.ts";
export type { IncidentFacts } from "./open-api-incidents.ts";

/** Whom the key belongs to: every write is this member's doing. */
export type Owner = { member_id: number; member_name: string; email: string };

export type OpenApiOptions = {
  /** The key that every call must carry. */
  app_key: string;
  /** The clock, Unix milliseconds. */
  now: () => number;
  person?: Owner;
  /** The custom fields that the account defines. Default: none. */
  custom_fields?: Readonly<Record<string, FieldType>>;
  /** Whether the account's limits hold. Default: they do. */
  limits?: boolean;
  /** What every request and every answer is held against. */
  contract?: Contract | null;
  /** Told of what was written with the key and comes back as a push: custom fields, and comments that are not muted. */
  onWrite?: (written: Written) => void;
};

export type OpenApi = {
  /** Answers as `fetch` would: rejects where the connection ends without an answer, or the caller gives up. */
  answer(request: Request): Promise<Response>;
  /** Adds an incident; what is not given is as in the documented example. The id has 24 hexadecimal digits. */
  add_incident(incident_id: string, facts?: IncidentFacts): void;
  /** Changes what is known of an incident, as people and alerts do; the timeline tells nothing of it. */
  change_incident(incident_id: string, facts: IncidentFacts): void;
  /** Adds an entry to an incident's timeline, as others do. Now, and by the system, where nothing else is given. */
  note(incident_id: string, entry: Pick<FeedEntry, "type" | "detail"> & Partial<FeedEntry>): void;
  add_status_page(page: StatusPage): void;
  /** The comments on an incident, in the order of their coming. */
  comments(incident_id: string): CommentSeen[];
  /** The custom fields of an incident as they are now. */
  fields(incident_id: string): Record<string, unknown>;
  /** The changes of a status page, as the vendor shows them. */
  changes(page_id: number): ChangeShown[];
  /** What has come so far, refused and failed calls too, in the order of arrival. */
  calls(path?: string): ApiCall[];
  /** The most calls that came in any window of this length. */
  most_calls_within(window_ms: number): number;
  /** Sets how a path, or `"*"`, behaves. Of several, each call takes the next one, and the last one stays. */
  behave(path: string, ...behaviours: Behaviour[]): void;
  /** Forgets calls and behaviours; what was written, and what broke the contract, stays. */
  forget(): void;
  /** What broke the contract, with the call and the place. Tests end with `expect(api.violations).toEqual([])`. */
  violations: readonly string[];
};

const somebody: Owner = { member_id: 2476444212131, member_name: "Alice", email: "alice@example.com" };
const ACCOUNT_ID = 2451002751131;

function memberInfo({ member_id, member_name, email }: Owner): Route {
  const account = { account_id: ACCOUNT_ID, account_name: "Acme Corp", account_email: "owner@example.com" };
  const data = { ...account, domain: "acme", member_id, member_name, email, email_verified: true, is_external: false };
  return route("POST", z.object({}), () => ({ data }));
}

/** A stand-in for the Open API, with one account and its key. */
export function createOpenApi(options: OpenApiOptions): OpenApi {
  const { app_key, now, limits = true, person = somebody, contract = null } = options;
  const { custom_fields: field_types = {}, onWrite = () => undefined } = options;
  const { member_id: person_id, member_name: person_name, email } = person;
  const by = { person_id, person_name, email };
  const incidents = new Incidents({ account_id: ACCOUNT_ID, person: by, field_types, onWrite });
  const pages = new StatusPages();
  const routes = { ...incidents.routes(), ...pages.routes(), "/member/info": memberInfo(person) };
  const account = new Account(routes, { app_key, limits });
  const judge = new Judge(contract);
  const script = new Script();
  const door = new Door({ account, judge, script, now });
  return {
    answer: async (request) => door.answer(request),
    add_incident: (incident_id, facts = {}) => incidents.add(incident_id, facts, now()),
    change_incident: (incident_id, facts) => incidents.change(incident_id, facts, now()),
    note: (incident_id, entry) => incidents.note(incident_id, { creator_id: 0, at_ms: now(), ...entry }),
    add_status_page: (page) => pages.add(page),
    comments: (incident_id) => incidents.comments(incident_id),
    fields: (incident_id) => incidents.fields(incident_id),
    changes: (page_id) => pages.shown(page_id),
    calls: (path) => door.calls.filter((call) => path === undefined || call.path === path),
    most_calls_within: (window_ms) =>
      mostWithin(
        door.calls.map(({ at_ms }) => at_ms),
        window_ms,
      ),
    behave: (path, ...behaviours) => script.set(path, behaviours),
    forget: () => {
      door.calls.length = 0;
      script.forget();
    },
    violations: judge.violations,
  };
}
