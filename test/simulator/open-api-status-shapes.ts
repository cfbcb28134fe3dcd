// What the calls about status pages ask for, with the rules that the description tells in words: which statuses a type has,
// what the first update holds, what a retrospective needs.

import * as z from "zod";
import { text } from "./open-api-route.ts";

const STATUSES = {
  incident: ["investigating", "identified", "monitoring", "resolved"],
  maintenance: ["scheduled", "ongoing", "completed"],
} as const;
const COMPONENT_STATUSES = {
  incident: ["operational", "degraded", "partial_outage", "full_outage"],
  maintenance: ["operational", "under_maintenance"],
} as const;

const Type = z.enum(["incident", "maintenance"]);
const Status = z.enum([...STATUSES.incident, ...STATUSES.maintenance]);
const ComponentStatus = z.enum([...COMPONENT_STATUSES.incident, "under_maintenance"]);
/** How a component does, whatever the type of the change. */
export type ComponentStatus = z.output<typeof ComponentStatus>;

const ComponentChanges = z
  .array(z.object({ component_id: z.string().min(1), status: ComponentStatus }))
  .refine((changes) => new Set(changes.map(({ component_id }) => component_id)).size === changes.length, "not unique");

const Update = z.object({
  update_id: z.string().optional(),
  at_seconds: z.int().optional(),
  status: Status.optional(),
  description: z.string().optional(),
  component_changes: ComponentChanges.default([]),
});

/** An update as it is asked for. */
export type Asked = z.output<typeof Update>;

/** An update as it is kept. */
export type Update = Asked & { update_id: string; at_seconds: number };

/** What `/status-page/change/create` takes. */
export const Create = z
  .object({
    page_id: z.int(),
    type: Type,
    title: text(255).min(1),
    description: z.string().min(1),
    status: Status,
    start_at_seconds: z.int().optional(),
    close_at_seconds: z.int().optional(),
    responders: z.array(z.int()).optional(),
    linked_changes: z.array(z.string()).optional(),
    updates: z.array(Update).min(1),
    notify_subscribers: z.boolean().default(false),
    auto_update_by_schedule: z.boolean().optional(),
    is_retrospective: z.boolean().default(false),
  })
  .refine(({ updates: [first] }) => first?.component_changes.length !== 0, "the first update changes no component")
  .refine(({ updates, is_retrospective }) => !is_retrospective || updates.length > 1, "a retrospective has two updates")
  .refine(
    ({ start_at_seconds = 0, close_at_seconds = Infinity }) => close_at_seconds > start_at_seconds,
    "it closes before it starts",
  );

/** What `/status-page/change/timeline/create` takes. */
export const Append = z.object({
  page_id: z.int(),
  change_id: z.int(),
  at_seconds: z.int().optional(),
  status: Status,
  description: z.string().min(1),
  component_changes: ComponentChanges.default([]),
});

const digits = z.string().regex(/^\d+$/).transform(Number);

/** What `/status-page/change/info` takes. */
export const One = z.object({ page_id: digits, change_id: digits });

/** What `/status-page/change/list` takes; the type and the status are required, too. */
export const List = z.object({
  page_id: digits,
  type: Type,
  status: Status,
  start_at_seconds: digits.default(0),
  end_at_seconds: digits.default(Infinity),
});

/** A change as it is kept; how its components are follows from its updates. */
export type Change = Omit<z.output<typeof Create>, "updates" | "start_at_seconds"> & {
  change_id: number;
  start_at_seconds: number;
  updates: Update[];
};

/** The first status that the type does not have: of the change, of an update, of a component. */
export function misfit(type: Change["type"], status: string | undefined, updates: readonly Asked[]): string | null {
  const of_changes: readonly string[] = STATUSES[type];
  const of_components: readonly string[] = COMPONENT_STATUSES[type];
  const told = [status, ...updates.map((update) => update.status)].filter((one) => one !== undefined);
  const moved = updates.flatMap(({ component_changes }) => component_changes.map((one) => one.status));
  return told.find((one) => !of_changes.includes(one)) ?? moved.find((one) => !of_components.includes(one)) ?? null;
}
