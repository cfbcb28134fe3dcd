// `npm run bench`: what this receiver takes beyond a floor, a Worker that does only the unavoidable, on the local runtime.
// No test: it ends with the list of targets, each reached or missed, and fails only where something was not carried out.
// Believe its ratios and counts; absolute figures are those of this machine and of local stand-ins for KV and disk.
import type { V4ModuleDefinition } from "miniflare";
import { type Bundle, bundle } from "./bundle.ts";
import { costs } from "./cost.ts";
import { duel, type Result, type Scene } from "./duel.ts";
import { lists, listsTable } from "./lists.ts";
import { Load } from "./load.ts";
import { costTable, duelTable, machine, pressTable, sizeTable, targetTable } from "./report.ts";
import { type Runtime, serve } from "./runtime.ts";
import { startup } from "./startup.ts";

const SCENES: Scene[] = [
  { name: "1 incident", incidents: 1, count: 500, known: true },
  { name: "50 incidents", incidents: 50, count: 500, known: true },
  { name: "500 incidents", incidents: 500, count: 500, known: true },
  { name: "only new incidents", incidents: 60, count: 60, known: false },
];
const PRESSES = 100;

const began = Date.now();
const running: Runtime[] = [];
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

say("bundling the receiver, the floor, and the receiver with roomy guards, and with counters");
const bundles = {
  receiver: await bundle("src/index.ts"),
  floor: await bundle("test/bench/workers/floor.ts"),
  roomy: await bundle("test/bench/workers/roomy.ts"),
  counted: await bundle("test/bench/workers/counted.ts"),
  lists: await bundle("test/bench/workers/lists.ts"),
};
const load = await Load.start();
try {
  await run();
} catch (error) {
  for (const runtime of running) console.error(runtime.said());
  throw error;
} finally {
  load.stop();
  await Promise.all(running.map(async (runtime) => runtime.stop()));
}

async function run(): Promise<void> {
  say("starting each a few times");
  const starts = { receiver: await startup(bundles.receiver), floor: await startup(bundles.floor) };

  say("counting what one push costs");
  const cost = await costs(load, await start(bundles.counted));

  say(`pressing a button ${PRESSES} times`);
  const pair = { receiver: await start(bundles.receiver), floor: await start(bundles.floor) };
  const presses = { scene: "presses", name: "press", incidents: PRESSES, count: PRESSES };
  const { latencies_ms } = await load.press((await start(bundles.roomy)).url, presses);

  const results: Result[] = [];
  for (const scene of SCENES) {
    say(`pushing: ${scene.name}`);
    results.push(await duel(load, pair, scene));
  }
  // Asked at the end, when a message that was lost or came twice would long have been sent again.
  const calls = await load.calls();

  say("filling the admin's lists, which takes some minutes, and asking for each");
  const listed = await lists(bundles.lists);

  const found = { results, latencies_ms, calls, cost, bundles, starts, listed };
  const parts = [
    machine(),
    duelTable(found),
    pressTable(found),
    costTable(found),
    listsTable(listed),
    sizeTable(found),
    targetTable(found),
  ];
  console.log(`\n${parts.join("\n\n")}\n`);
  say("done");
}

async function start({ script }: Bundle): Promise<Runtime> {
  const modules: V4ModuleDefinition[] = [{ type: "ESModule", path: "index.js", contents: script }];
  const runtime = await serve(modules, load.target);
  await runtime.database();
  running.push(runtime);
  return runtime;
}

function say(what: string): void {
  console.error(`${((Date.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${what}`);
}
