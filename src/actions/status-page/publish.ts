// How a run is carried out at a status page, whoever hosts the page: look for the incident's entry, decide, and say it.
// What is on the page is looked at anew each time, so that an attempt whose answer was lost is found and not repeated.
import type { Outcome } from "../../domain/run.ts";
import type { Given } from "../connector.ts";
import { notYet } from "../mark.ts";
import {
  decide,
  type Decision,
  type Earlier,
  earlierOn,
  type Entry,
  leaveBehind,
  type Post,
  postOf,
  type StatusPageSpec,
} from "./decide.ts";

/** What a step came to, or the outcome that ends the attempt. */
export type Step<T> = { ok: true; value: T } | { ok: false; outcome: Outcome };

/** Where an entry is: its id, and its address for people. */
type Place = Pick<Entry, "id" | "link">;

/** A page of one vendor, for one incident. */
export interface StatusPage {
  id: string;
  /** The ids of the components in its setting. */
  components: string;
  /** Takes the markup out of a text, as this page writes markup. */
  plain: (text: string) => string;
  /** The entry of that id; null where it is not there any more. */
  entry: (id: string) => Promise<Step<Entry | null>>;
  /** The incident's entry, by the mark that `create` leaves on it; null where there is none. */
  search: () => Promise<Step<Entry | null>>;
  create: (post: Post) => Promise<Step<Place>>;
  add: (entry: Entry, post: Post) => Promise<Step<Place>>;
}

/** Says on the page what the run's event has to say. */
export async function publish<Params>(spec: StatusPageSpec, given: Given<Params>, page: StatusPage): Promise<Outcome> {
  const said = postOf(spec, given, page.components, page.plain);
  if (!said.ok) return { kind: "failed", reason: said.reason };
  const { post } = said;
  const earlier = earlierOn(page.id, given.earlier);
  const found = await find(page, earlier);
  if (!found.ok) return beforeActing(found.outcome, given.may_have_acted);
  const decision = decide(post, found.value, earlier, given.event.event_type);
  switch (decision.kind) {
    case "skip":
      return { kind: "skipped", reason: decision.reason };
    case "nothing":
      // An entry that was deleted stays known as such: no rule puts it up anew.
      return succeeded(page, decision.summary, found.value ?? { id: earlier.entry, link: "", said: null }, post);
    case "create":
      return notYet(given) ?? create(page, given, post);
    case "add":
      return add(page, decision);
  }
}

async function find(page: StatusPage, earlier: Earlier): Promise<Step<Entry | null>> {
  const known = earlier.entry === "" ? null : await page.entry(earlier.entry);
  // One that was deleted may have been followed by a new one, whose answer was lost.
  return known === null || (known.ok && known.value === null) ? page.search() : known;
}

/** What a look came to that did not succeed: it has changed nothing, but an earlier attempt may have. */
function beforeActing(outcome: Outcome, may_have_acted: boolean): Outcome {
  if (outcome.kind === "unclear") return { kind: "later", reason: outcome.reason };
  if (outcome.kind === "failed" && may_have_acted) return { kind: "unclear", reason: outcome.reason };
  return outcome;
}

async function create<Params>(page: StatusPage, { flashduty, incident }: Given<Params>, post: Post): Promise<Outcome> {
  // The run may be late, and nothing would ever resolve what it puts up.
  const now = await flashduty?.incident(incident.incident_id);
  if (now?.ok === true && now.data.progress === "Closed")
    return { kind: "skipped", reason: "the incident is closed by now; nothing was put up on the status page" };
  const created = await page.create(post);
  if (!created.ok) return created.outcome;
  return succeeded(page, `put up on the status page: ${inWords(post)}`, { ...created.value, said: post }, post);
}

async function add(page: StatusPage, decision: Extract<Decision, { kind: "add" }>): Promise<Outcome> {
  const { entry, post, reopens } = decision;
  const added = await page.add(entry, post);
  if (added.ok) {
    const what = reopens ? "opened again on the status page" : "added to the status page's entry";
    return succeeded(page, `${what}: ${inWords(post)}`, { ...added.value, said: post }, post);
  }
  const { outcome } = added;
  if (outcome.kind !== "failed" || !reopens) return outcome;
  return { ...outcome, reason: `${outcome.reason}. The entry was resolved; open it again by hand` };
}

function succeeded(page: StatusPage, summary: string, entry: Place & Pick<Entry, "said">, post: Post): Outcome {
  const links = entry.link === "" ? [] : [entry.link];
  return { kind: "succeeded", summary, links, values: leaveBehind(page.id, entry, post) };
}

function inWords({ status, components }: Post): string {
  const [level] = Object.values(components);
  return level === undefined ? status : `${status}, components ${level.replaceAll("_", " ")}`;
}
