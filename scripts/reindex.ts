// `npm run reindex`: makes the admin's index anew from the incidents themselves. For a database that was lost or put back to an
// older state; nothing else is disturbed by it, and it can be run again at any time.
//
//   ADMIN_TOKEN=… npm run reindex -- --url https://flashduty.example.com     or --token …
//   … --cursor CURSOR     goes on where an earlier one was broken off

import { parseArgs } from "node:util";
import * as z from "zod";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:8787" },
    token: { type: "string", default: process.env["ADMIN_TOKEN"] ?? "" },
    cursor: { type: "string" },
    by: { type: "string", default: "npm run reindex" },
  },
});

const Page = z.object({ incidents: z.int(), failed: z.array(z.string()), next_cursor: z.string().nullable() });

/** A page that fails is asked for again; what was done twice has done no harm. */
const MOST_TRIES = 5;
const TRY_AGAIN_MS = 1_000;
const ANSWER_WITHIN_MS = 60_000;

function say(line: string): void {
  console.log(`reindex: ${line}`);
}

async function askOnce(cursor: string | null): Promise<z.output<typeof Page>> {
  const response = await fetch(new URL("/admin/api/index/rebuild", values.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${values.token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ by: values.by, ...(cursor !== null && { cursor }) }),
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const text = await response.text();
  if (response.ok) return Page.parse(JSON.parse(text));
  const said = `${response.status}: ${text.slice(0, 300)}`;
  throw response.status < 500 ? new Refused(said) : new Error(said);
}

/** Asking again would not help. */
class Refused extends Error {}

async function ask(cursor: string | null): Promise<z.output<typeof Page>> {
  for (let tries = 1; ; tries += 1)
    try {
      return await askOnce(cursor);
    } catch (error) {
      const again = cursor === null ? "" : ` Go on with: --cursor ${cursor}`;
      if (error instanceof Refused || tries === MOST_TRIES)
        throw new Error(`${String(error)}${again}`, { cause: error });
      say(`${String(error)}; trying again`);
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
}

async function main(): Promise<void> {
  if (values.token === "") throw new Error("Set ADMIN_TOKEN, or give --token: it is the one that opens /admin.");
  let cursor = values.cursor ?? null;
  let incidents = 0;
  let failed = 0;
  do {
    const page = await ask(cursor);
    incidents += page.incidents;
    cursor = page.next_cursor;
    failed += page.failed.length;
    for (const incident_id of page.failed) console.error(`reindex: ${incident_id} could not be asked`);
    say(`${incidents} incidents${cursor === null ? "" : " so far"}`);
  } while (cursor !== null);
  if (failed > 0)
    throw new Error(`${failed} incidents are not in the lists; the others are within some seconds. Run it again.`);
  say("done: each is in the lists again within some seconds");
}

try {
  await main();
} catch (error) {
  console.error(`reindex: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
