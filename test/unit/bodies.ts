// Bodies of pushes, as small as a push can be, and with what a test says beyond that. `undefined` leaves a field out.
import { parsePush, type Push } from "../../src/flashduty/push.ts";
import documented from "../simulator/fixtures/custom-action.json" with { type: "json" };

export type Fields = Record<string, unknown>;

/** The smallest push that can be told from others; `top` and `incident` change it. */
function fieldsOf(top: Fields = {}, incident: Fields = {}): Fields {
  return {
    event_id: "event-1",
    event_type: "i_new",
    event_time: 1_700_000_000_000,
    incident: { incident_id: "incident-1", ...incident },
    ...top,
  };
}

export function bodyOf(top: Fields = {}, incident: Fields = {}): string {
  return JSON.stringify(fieldsOf(top, incident));
}

/** What a body says. Throws where it is refused: for tests that are not about refusing. */
export function pushIn(body: string): Push {
  const parsed = parsePush(body);
  if (!parsed.ok) throw new Error(`refused: ${JSON.stringify(parsed)}`);
  return parsed.push;
}

export function pushOf(top: Fields = {}, incident: Fields = {}): Push {
  return pushIn(bodyOf(top, incident));
}

/** The paths of what is wrong with a body; ["placeholders"] where that is it, [] where nothing is. */
export function faultPaths(body: string): string[] {
  const parsed = parsePush(body);
  if (parsed.ok) return [];
  const { fault } = parsed;
  return fault.why === "placeholders" ? ["placeholders"] : fault.faults.map(({ path }) => path);
}

/** The custom action of the vendor's documents. */
export const documentedBody = JSON.stringify(documented);
