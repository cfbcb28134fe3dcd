// `npm run reindex`, against an admin API that answers as it is told to.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";

const SCRIPT = fileURLToPath(new URL("../../scripts/reindex.ts", import.meta.url));
const TOKEN = "an-admin-token-that-only-this-test-uses";
const Bound = z.object({ port: z.int() });

/** Runs the script against these answers, one after the other: what it asked, what it said, and how it ended. */
async function reindex(answers: [status: number, body: object][], args: string[] = [], token = TOKEN) {
  const asked: unknown[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization } = request.headers;
    asked.push({ path: request.url, authorization, body: await bodyOf(request) });
    const [status, said] = answers[asked.length - 1] ?? [418, {}];
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(said));
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = Bound.parse(server.address());
  const env = { ...process.env, ADMIN_TOKEN: token };
  const script = spawn(process.execPath, [SCRIPT, "--url", `http://127.0.0.1:${port}`, ...args], { env });
  let said = "";
  for (const stream of [script.stdout, script.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const [code] = z
    .tuple([z.int()])
    .rest(z.unknown())
    .parse(await once(script, "close"));
  return { asked, said, code };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text);
}

const by = "npm run reindex";
const asking = (body: object) => ({ path: "/admin/api/index/rebuild", authorization: `Bearer ${TOKEN}`, body });

it("goes from page to page, and says how far it is", async () => {
  const answers = [
    { incidents: 50, failed: [], next_cursor: "inc-50" },
    { incidents: 7, failed: [], next_cursor: null },
  ];
  const { asked, said, code } = await reindex(answers.map((answer) => [200, answer]));
  expect(asked).toEqual([asking({ by }), asking({ by, cursor: "inc-50" })]);
  expect(said).toContain("57 incidents\n");
  expect(code).toBe(0);
});

it("asks again for a page that failed, without beginning anew", async () => {
  const { asked, code } = await reindex(
    [
      [500, { title: "Something broke" }],
      [200, { incidents: 1, failed: [], next_cursor: null }],
    ],
    ["--cursor", "inc-50"],
  );
  expect(asked).toEqual([asking({ by, cursor: "inc-50" }), asking({ by, cursor: "inc-50" })]);
  expect(code).toBe(0);
});

it("goes on where an incident cannot be asked, names it, and ends with 1", async () => {
  const { asked, said, code } = await reindex([
    [200, { incidents: 49, failed: ["inc-17"], next_cursor: "inc-50" }],
    [200, { incidents: 7, failed: [], next_cursor: null }],
  ]);
  expect(asked).toHaveLength(2);
  expect(said).toContain("inc-17");
  expect(said).toContain("56 incidents\n");
  expect(said).not.toContain("done");
  expect(code).toBe(1);
});

it("gives up at once where it is refused, and says why, and how to go on", async () => {
  const { asked, said, code } = await reindex([[401, { title: "No access" }]], ["--cursor", "inc-50"]);
  expect(asked).toHaveLength(1);
  expect(said).toContain("401");
  expect(said).toContain("--cursor inc-50");
  expect(said).not.toContain(TOKEN);
  expect(code).toBe(1);
});

it("asks nobody without a token", async () => {
  const { asked, said, code } = await reindex([], [], "");
  expect(asked).toEqual([]);
  expect(said).toContain("Set ADMIN_TOKEN");
  expect(code).toBe(1);
});
