// The contract is the playbook's own: here a catalogue of services that somebody might run.
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { enrich } from "../../../../src/actions/enrich/enrich.ts";
import { json } from "../../../../src/actions/enrich/json.ts";
import { play, type Said } from "../play.ts";

const settings = { CATALOG_URL: "https://catalogue.example/api" };

const connector = enrich([
  json({
    settings: "CATALOG",
    name: "Catalogue",
    path: ({ incident }) => ["services", incident.labels["service"]],
    query: ({ key }) => ({ host: key }),
    schema: z.object({
      owner: z.string(),
      tier: z.int(),
      depends_on: z.array(z.string()),
      runbook: z.string().optional(),
    }),
    lines: ({ owner, depends_on }, { key }) => [`${key} is ${owner}'s`, `depends on ${depends_on.join(", ")}`],
    values: ({ owner, tier }) => ({ owner, tier }),
    links: ({ runbook }) => (runbook === undefined ? [] : [runbook]),
  }),
]);

const engine = {
  owner: "search",
  tier: 1,
  depends_on: ["disk", "net"],
  runbook: "https://wiki.example/engine",
  more: true,
};

describe("JSON", () => {
  it("tells what the playbook makes of the answer", async () => {
    const { last, asked } = await play(connector, () => ({ status: 200, json: engine }), { settings });
    expect(last).toMatchObject({
      kind: "succeeded",
      summary: "es.nj.01 is search's\ndepends on disk, net",
      values: { owner: "search", tier: 1 },
      links: ["https://wiki.example/engine"],
    });
    expect(asked).toMatchObject([{ method: "GET", path: "/api/services/engine" }]);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({ host: "es.nj.01" });
  });

  it("needs no more than an address and lines", async () => {
    const plain = enrich([
      json({ settings: "CATALOG", name: "Duty", schema: z.array(z.string()), lines: (names) => names }),
    ]);
    const { last, asked } = await play(plain, () => ({ status: 200, json: ["Ada", "Bo"] }), { settings });
    expect(last).toMatchObject({ summary: "Ada\nBo", values: {}, links: [] });
    expect(asked[0]?.path).toBe("/api");
  });

  it.each<[string, () => { path?: readonly (string | undefined)[]; query?: Record<string, string | undefined> }]>([
    ["a segment is missing", () => ({ path: ["services", undefined] })],
    ["a segment is empty", () => ({ path: ["services", ""] })],
    ["a part of the query is missing", () => ({ query: { host: undefined } })],
    ["a part of the query is empty", () => ({ query: { host: "" } })],
  ])("is not asked where %s", async (_, part) => {
    const { path, query } = part();
    const lacking = enrich([
      json({
        settings: "CATALOG",
        name: "Catalogue",
        path: () => path ?? [],
        query: () => query ?? {},
        schema: z.unknown(),
        lines: () => ["all"],
      }),
    ]);
    const { last, asked } = await play(lacking, () => ({ status: 200, json: {} }), { settings });
    expect(last.kind).toBe("skipped");
    expect(asked).toEqual([]);
  });

  it.each([
    ["Bearer", undefined, "Authorization", "Bearer a-token-of-the-catalogue"],
    ["its own header", (token: string) => ({ "X-Api-Key": token }), "X-Api-Key", "a-token-of-the-catalogue"],
  ])("shows its credential as %s", async (_, authorize, header, value) => {
    const spec = { settings: "CATALOG", name: "Catalogue", schema: z.unknown(), lines: () => ["all"] };
    const shown = enrich([json(authorize === undefined ? spec : { ...spec, authorize })]);
    const more = { CATALOG_TOKEN: "a-token-of-the-catalogue" };
    const { asked } = await play(shown, () => ({ status: 200, json: {} }), { settings: { ...settings, ...more } });
    expect(asked[0]?.headers.get(header)).toBe(value);
  });

  it.each<[string, Said, string, string]>([
    [
      "a service that it does not know",
      { status: 404, json: { message: "no such service" } },
      "failed",
      "(no such service)",
    ],
    ["another shape", { status: 200, json: { ...engine, tier: "one" } }, "later", "not as expected (at tier)"],
    ["silence", "silence", "later", "could not be reached"],
  ])("alone, and met with %s: %s", async (_, said, kind, reason) => {
    const { last } = await play(connector, () => said, { settings });
    expect(last.kind).toBe(kind);
    expect("reason" in last && last.reason).toContain(reason);
  });

  it("what is no error is not quoted as one", async () => {
    const { last } = await play(connector, () => ({ status: 200, text: "all is well" }), { settings });
    expect("reason" in last && last.reason).toMatch(/ the target answered 200, but not as expected$/);
  });

  it("functions of the playbook that break, and climb out, are a line and no more", async () => {
    const up = enrich([
      json({ settings: "CATALOG", name: "Catalogue", path: () => [".."], schema: z.unknown(), lines: () => [] }),
    ]);
    const { last, asked } = await play(up, () => ({ status: 200, json: {} }), { settings });
    expect(last).toMatchObject({ kind: "failed", reason: expect.stringContaining("could not be asked") as unknown });
    expect(asked).toEqual([]);
  });
});
