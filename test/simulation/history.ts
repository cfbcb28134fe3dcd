// One history, from its seed: everything that is in the world, and whether all laws held. The decisions are those of
// src/domain, src/incident and src/runs/gate.ts; what is modelled here is what carries them: objects, Workers, a queue.
import { Chance } from "./chance.ts";
import type { Fact } from "./fact.ts";
import { Flashduty } from "./flashduty.ts";
import { GuardObject } from "./guard-object.ts";
import { IncidentObject } from "./incident-object.ts";
import { LAWS } from "./laws/laws.ts";
import { MessageQueue } from "./message-queue.ts";
import { People } from "./people.ts";
import { type Scene, sceneBy } from "./scene.ts";
import { Story } from "./story.ts";
import { Targets } from "./targets.ts";
import { Workers } from "./workers.ts";
import { Machine, type Telling, World } from "./world.ts";

/** Everything that is in a world, for whoever has to do with the others. */
export interface Cast {
  world: World;
  scene: Scene;
  see: (fact: Fact) => void;
  incidents: ReadonlyMap<string, IncidentObject>;
  guard: GuardObject;
  queue: MessageQueue;
  workers: Workers;
  targets: Targets;
  flashduty: Flashduty;
  people: People;
}

/** How a law was broken. */
export interface Broken {
  law: string;
  how: string;
}

/** Plays the history of a seed; null where every law held. `counts` is added to. */
export function play(seed: number, counts: Map<string, number>, telling: Telling | null): Broken | null {
  const chance = new Chance(seed);
  const scene = sceneBy(chance);
  const world = new World(chance, counts, telling);
  const story = new Story(scene);
  const watching = LAWS.map(({ says, watch }) => ({ law: says, look: watch(story) }));
  let broken: Broken | null = null;
  const see = (fact: Fact) => {
    story.tell(fact, world.now);
    for (const { law, look } of watching) {
      const how = broken === null ? look(fact) : null;
      if (how !== null) broken = { law, how };
    }
  };
  try {
    const { people, incidents } = gathered(world, scene, see);
    people.begin();
    const has_rest = world.run(() => broken !== null);
    if (!has_rest) return { law: "the world comes to rest", how: "it goes on and on" };
    for (const [incident_id, incident] of incidents)
      see({ kind: "compared", incident_id, differs: incident.unlisted() });
    see({ kind: "rest" });
  } catch (error) {
    return { law: "no decision throws", how: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  return broken;
}

/** Puts everything in its place. */
function gathered(world: World, scene: Scene, see: (fact: Fact) => void): Cast {
  const { chance } = world;
  const machine = (name: string) => new Machine(name, chance.pick(scene.clocks_ms));
  const incidents = new Map<string, IncidentObject>();
  const cast: Cast = {
    world,
    scene,
    see,
    incidents,
    guard: new GuardObject(() => cast, chance.pick(scene.clocks_ms)),
    queue: new MessageQueue(() => cast),
    workers: new Workers(() => cast, [machine("worker 1"), machine("worker 2")]),
    targets: new Targets(() => cast),
    flashduty: new Flashduty(() => cast),
    people: new People(() => cast),
  };
  for (const { incident_id } of scene.incidents)
    incidents.set(incident_id, new IncidentObject(() => cast, incident_id, chance.pick(scene.clocks_ms)));
  return cast;
}
