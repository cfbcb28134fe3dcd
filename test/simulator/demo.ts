// `npm run demo`: the life of one incident on this machine, from its creation to its closing, with all four use cases and what
// guards them: a simulated Flashduty that pushes and is asked, the real receiver, and stand-ins of the systems that it
// calls. Every step says what it promises and whether that came true; the exit code is 0 only where all did.

import { parseArgs } from "node:util";
import { playDemo } from "./demo-play.ts";
import type { Demo, Played } from "./demo-play.ts";
import { PRESSED, runId } from "./demo-scene.ts";
import { INCIDENT } from "./demo-systems.ts";
import { commentsInWords, entriesInWords } from "./incident-page.ts";
import { table } from "./table.ts";

const { values: options } = parseArgs({ options: { stay: { type: "boolean", default: false } } });

function print({ steps, comments, others, entries }: Played): void {
  const restarts = others.filter(({ comment }) => comment.startsWith("[restart-host]"));
  const told = [commentsInWords("The incident", comments), commentsInWords("The other incidents' restarts", restarts)];
  console.log(`\n\n${table(steps)}\n\n${told.join("\n\n")}\n\n${entriesInWords(entries)}\n`);
  const broken = steps.filter(({ came_true }) => !came_true).length;
  const summary =
    broken === 0
      ? "All of it came out as promised."
      : `${broken} of ${steps.length} steps did not come out as promised.`;
  console.log(summary);
}

async function stay({ runtime, systems }: Demo): Promise<void> {
  const { ADMIN_TOKEN, WEBHOOK_TOKEN } = systems.settings;
  const run_id = encodeURIComponent(runId(PRESSED, "restart-host"));
  const paths = [
    `incidents/${INCIDENT}`,
    `incidents/${INCIDENT}/events/${PRESSED}`,
    `runs/${run_id}`,
    "quarantine",
    "switch",
  ];
  console.log("\nIt stays up; Ctrl-C ends it. To look at:");
  for (const path of paths)
    console.log(`  curl -s -H "Authorization: Bearer ${ADMIN_TOKEN}" ${runtime.url}/admin/api/${path}`);
  console.log(`To push:\n  npm run push -- --url ${runtime.url} --token ${WEBHOOK_TOKEN} --action restart-host`);
  await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
}

console.log("A simulated Flashduty, the receiver, and the systems it calls, on this machine: some thirty seconds.");
const { steps } = await playDemo({
  onStep: ({ came_true }) => process.stdout.write(came_true ? "✓" : "✗"),
  whileUp: async (demo, played) => {
    print(played);
    if (options.stay) await stay(demo);
  },
});
process.exitCode = steps.every(({ came_true }) => came_true) ? 0 : 1;
