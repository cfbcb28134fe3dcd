// Buttons are pressed until each system has quoted every kind of request in every way, in what is wrong and in what is right.

import { expect } from "vitest";
import { incidentBody } from "../../simulator/push-body.ts";
import { serveSystem } from "../../simulator/system.ts";
import { echoingFlashduty } from "./echoing-flashduty.ts";
import { serveEchoing } from "./echoing-system.ts";
import type { EchoingSystem } from "./echoing-system.ts";
import { kindsOf } from "./kinds.ts";
import type { Marks } from "./marks.ts";
import type { Place } from "./places.ts";
import { plant, settled, startSession, until } from "./session.ts";
import type { Press, Session } from "./session.ts";
import { marked, roundOf, settingsFor } from "./settings.ts";
import type { Chosen } from "./settings.ts";

/** A host and a service of its own for each press. */
export function factsOf(count: number) {
  return { labels: { resource: `host-${count}`, service: `svc-${count}`, namespace: "shop" } };
}

/** Systems that quote, for these connectors. */
export async function serveQuoting(chosen: readonly Chosen[], marks: Marks): Promise<Record<string, EchoingSystem>> {
  const systems: Record<string, EchoingSystem> = {};
  for (const { connector, prefixes } of chosen) {
    const kinds = prefixes.flatMap(kindsOf);
    const [looks, is_covered] = [connector.look !== undefined, kinds.some(({ is_look }) => is_look)];
    expect([connector.name, is_covered], "kinds.ts must have what is asked in a look").toEqual([connector.name, looks]);
    for (const prefix of prefixes) systems[prefix] = await serveEchoing(prefix, kindsOf(prefix), marks);
  }
  return systems;
}

/** The connectors of one round, with systems that quote; everything in which their secrets could be. */
export async function quotedBy(round: number, marks: Marks, control: Marks): Promise<Place[]> {
  const chosen = roundOf(round);
  const systems = await serveQuoting(chosen, marks);
  const session = await startSession({ settings: settingsFor(round, systems, marks), systems });
  const presses: Press[] = [];
  const unserved = (prefixes: readonly string[]) => prefixes.flatMap((prefix) => systems[prefix]?.unserved() ?? []);
  await untilServed(
    () => unserved(Object.keys(systems)),
    async () => {
      for (const { action } of chosen.filter(({ prefixes }) => unserved(prefixes).length > 0))
        for (let count = 0; count < 4; count++) presses.push(await session.press(action, factsOf(presses.length)));
    },
  );
  await plant(session, session.api, control);
  await settled(presses, session);
  for (const { prefix, strange } of Object.values(systems)) expect([prefix, strange]).toEqual([prefix, []]);
  return session.places();
}

/** Waits, while more and more is pressed. */
async function untilServed(unserved: () => string[], press: () => Promise<void>): Promise<void> {
  const isServed = async () => {
    await press();
    return unserved().length === 0;
  };
  await until("all is served", isServed).catch((error: unknown) => {
    throw new Error(`${String(error)}; left is ${unserved().join(", ")}`);
  });
}

/** The same with Flashduty's own API: live checks, reports, and its status page, which follows the incidents. */
export async function quotedByFlashduty(marks: Marks, control: Marks): Promise<Place[]> {
  const systems = { RESTART_HOST: await serveSystem(() => ({ status: 200 })) };
  const { before, unserved } = echoingFlashduty(marks);
  const secrets = marked(marks, () => systems.RESTART_HOST.url);
  const settings = { ...secrets, FLASHDUTY_PAGE_ID: "1", FLASHDUTY_PAGE_COMPONENTS: "web" };
  const session = await startSession({ settings, systems, before });
  session.api.add_status_page({ page_id: 1, components: [{ component_id: "web", name: "Web" }] });
  const presses: Press[] = [];
  for (let count = 0; count < 4; count++) presses.push(await session.press("restart-host"));
  await untilServed(unserved, async () => {
    presses.push(await session.press("update-status-page"));
    for (const press of presses.slice(-4)) await goOn(press, session);
  });
  await plant(session, session.api, control);
  await settled(presses, session);
  return session.places();
}

/** What has been put up is to be added to. */
async function goOn({ incident, run_id }: Press, { receiver, push }: Session): Promise<void> {
  if ((await receiver.run(run_id))?.state !== "succeeded") return;
  const body = incidentBody({ incident, event_type: "i_ack", at_ms: Date.now() });
  await push({ address: "incident", body });
}
