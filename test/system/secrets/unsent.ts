// Buttons are pressed in a dry run until each action would have sent something: what is told of that is searched, and nothing
// has been sent.

import { expect } from "vitest";
import type { Marks } from "./marks.ts";
import type { Place } from "./places.ts";
import { factsOf, serveQuoting } from "./quoted.ts";
import { plant, settled, startSession, until } from "./session.ts";
import type { Press, Session } from "./session.ts";
import { roundOf, settingsFor } from "./settings.ts";

/** Flashduty's own status page, which is no system of a round. */
const PAGE = { FLASHDUTY_PAGE_ID: "1", FLASHDUTY_PAGE_COMPONENTS: "web" };

/** The connectors of one round, and in the first one Flashduty's; everything in which their secrets could be. */
export async function unsentBy(round: number, marks: Marks, control: Marks): Promise<Place[]> {
  const chosen = roundOf(round).filter(({ acts }) => acts);
  const systems = await serveQuoting(chosen, marks);
  const settings = { ...settingsFor(round, systems, marks), ...(round === 0 && PAGE), DRY_RUN: "on" };
  const session = await startSession({ settings, systems });
  session.api.add_status_page({ page_id: 1, components: [{ component_id: "web", name: "Web" }] });
  const actions = [...chosen.map(({ action }) => action), ...(round === 0 ? ["update-status-page"] : [])];
  const presses: Press[] = [];
  for (const action of actions) {
    const unsent = presses.length;
    await until(`${action} would have sent something`, async () => {
      presses.push(await session.press(action, factsOf(presses.length)));
      return (await Promise.all(presses.slice(unsent).map(async (one) => wouldSend(one, session)))).includes(true);
    });
  }
  await plant(session, session.api, control);
  await settled(presses, session);
  expect(Object.values(systems).flatMap(({ asked }) => asked.filter(({ method }) => method !== "GET"))).toEqual([]);
  expect(session.api.changes(1)).toEqual([]);
  return session.places();
}

async function wouldSend({ run_id }: Press, { receiver }: Session): Promise<boolean> {
  const run = await receiver.run(run_id);
  return run?.trail.some(({ what }) => what === "would_send") ?? false;
}
