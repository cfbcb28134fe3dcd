// The status pages of the stand-in, and the changes on them: an incident or a maintenance with its updates, each of which
// moves components from one status to another. What is affected, and how, follows from the updates.

import type * as z from "zod";
import { idsFrom, refused, route } from "./open-api-route.ts";
import type { Outcome, Route } from "./open-api-route.ts";
import { Append, Create, List, One, misfit } from "./open-api-status-shapes.ts";
import type { Asked, Change, ComponentStatus, Update } from "./open-api-status-shapes.ts";

/** A status page. `name` is what readers of the page see. */
export type StatusPage = { page_id: number; components: readonly { component_id: string; name: string }[] };

/** The status of each component after these updates. */
function statusOf(updates: readonly Asked[]): Map<string, ComponentStatus> {
  const changes = updates.flatMap(({ component_changes }) => component_changes);
  return new Map(changes.map(({ component_id, status }) => [component_id, status]));
}

/** The pages, and the calls about their changes. */
export class StatusPages {
  #pages = new Map<number, StatusPage>();
  #changes: Change[] = [];
  #update_id = idsFrom("01KP0311872NVYFRRQ");

  add(page: StatusPage): void {
    this.#pages.set(page.page_id, page);
  }

  /** The changes of a page as the vendor shows them, in the order of their making. */
  shown(page_id: number): ChangeShown[] {
    const components = this.#pages.get(page_id)?.components ?? [];
    const name = (component_id: string) => components.find((one) => one.component_id === component_id)?.name ?? "";
    return this.#changes.filter((change) => change.page_id === page_id).map((change) => shown(change, name));
  }

  routes(): Record<string, Route> {
    return {
      "/status-page/change/create": route("POST", Create, (asked, at_ms) => this.#create(asked, at_ms)),
      "/status-page/change/timeline/create": route("POST", Append, (asked, at_ms) => this.#append(asked, at_ms)),
      "/status-page/change/list": route("GET", List, (asked) => this.#list(asked)),
      "/status-page/change/info": route("GET", One, ({ page_id, change_id }) => {
        const data = this.shown(page_id).find((change) => change.change_id === change_id);
        return data === undefined ? missing(`change ${change_id}`) : { data };
      }),
    };
  }

  #create({ updates, start_at_seconds, ...asked }: z.output<typeof Create>, at_ms: number): Outcome {
    const now_s = Math.floor(at_ms / 1000);
    const refusal = this.#refusal(asked.page_id, asked.type, asked.status, updates);
    if (refusal !== null) return refusal;
    const change_id = 6294539747131 + this.#changes.length;
    const dated = updates.map((update) => this.#dated(update, now_s));
    const status = dated.findLast((update) => update.status !== undefined)?.status ?? asked.status;
    this.#changes.push({ ...asked, status, change_id, start_at_seconds: start_at_seconds ?? now_s, updates: dated });
    return { data: { change_id, change_name: asked.title } };
  }

  #append({ page_id, change_id, ...asked }: z.output<typeof Append>, at_ms: number): Outcome {
    const change = this.#changes.find((one) => one.page_id === page_id && one.change_id === change_id);
    if (change === undefined) return missing(`change ${change_id}`);
    const refusal = this.#refusal(page_id, change.type, undefined, [asked]);
    if (refusal !== null) return refusal;
    const is_over = asked.status === "resolved" || asked.status === "completed";
    const after = statusOf([...change.updates, asked]);
    if (is_over && [...after.values()].some((status) => status !== "operational"))
      return refused("InvalidParameter", `All components must be operational for the status ${asked.status}.`);
    const update = this.#dated(asked, Math.floor(at_ms / 1000));
    change.updates.push(update);
    change.status = asked.status;
    change.description = asked.description;
    if (is_over) change.close_at_seconds = update.at_seconds;
    return { data: { update_id: update.update_id } };
  }

  #list({ page_id, type, status, start_at_seconds, end_at_seconds }: z.output<typeof List>): Outcome {
    const refusal = this.#refusal(page_id, type, status, []);
    if (refusal !== null) return refusal;
    // No two types share a status, so the status tells the type.
    const is_asked_for = (change: ChangeShown) =>
      change.status === status &&
      change.start_at_seconds >= start_at_seconds &&
      change.start_at_seconds <= end_at_seconds;
    return { data: { items: this.shown(page_id).filter(is_asked_for) } };
  }

  #dated(update: Asked, now_s: number): Update {
    return { ...update, update_id: update.update_id ?? this.#update_id(), at_seconds: update.at_seconds ?? now_s };
  }

  #refusal(page_id: number, type: Change["type"], status: string | undefined, updates: Asked[]): Outcome | null {
    const page = this.#pages.get(page_id);
    if (page === undefined) return missing(`status page ${page_id}`);
    const wrong = misfit(type, status, updates);
    if (wrong !== null) return refused("InvalidParameter", `The type ${type} has no status ${wrong}.`);
    const known = new Set(page.components.map(({ component_id }) => component_id));
    const strange = [...statusOf(updates).keys()].find((component_id) => !known.has(component_id));
    return strange === undefined ? null : refused("InvalidParameter", `The page has no component ${strange}.`);
  }
}

/** Shows a change. `name` tells what a component is called on its page. */
function shown({ responders, linked_changes, updates, ...change }: Change, name: (component_id: string) => string) {
  return {
    ...change,
    ...(responders !== undefined && { responder_ids: responders }),
    ...(linked_changes !== undefined && { linked_change_ids: linked_changes }),
    affected_components: Array.from(statusOf(updates), ([component_id, status]) => ({
      component_id,
      name: name(component_id),
      status,
    })),
    // By their own time, which a caller can set, and not by when they came.
    updates: updates
      .toSorted((one, other) => one.at_seconds - other.at_seconds)
      .map(({ component_changes, ...update }) => ({
        ...update,
        component_changes: component_changes.map((one) => ({ ...one, component_name: name(one.component_id) })),
      })),
  };
}

/** A change as the vendor shows it. */
export type ChangeShown = ReturnType<typeof shown>;

function missing(what: string): Outcome {
  return refused("ResourceNotFound", `The ${what} does not exist.`);
}
