// For whom a page is made: language and time zone come with the request, times are told in them.
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { addressOf, assets } from "../../src/admin/page/assets.ts";
import { Layout } from "../../src/admin/page/layout.tsx";
import { age, lasted, offsetOf, timeIn, zoneOr } from "../../src/admin/page/moment.ts";
import { Time } from "../../src/admin/page/time.tsx";
import { viewerOf } from "../../src/admin/page/viewer.ts";
import type { Who } from "../../src/admin/who.ts";
import { NOW, viewer } from "./page-data.ts";
import { rendered } from "./page-render.tsx";

const app = new Hono().get("/admin/runs", (c) => c.json(viewerOf(c, null)));
const Seen = z.object({ language: z.string(), zone: z.string(), path: z.string() });

async function seen(headers: Record<string, string>, cf?: object) {
  const request = new Request("https://edge.example/admin/runs", { headers });
  if (cf !== undefined) Object.defineProperty(request, "cf", { value: cf });
  return Seen.parse(await (await app.request(request)).json());
}

describe("the language is the first that the browser wants and that there is", () => {
  it.each([
    [undefined, "en"],
    ["", "en"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["zh-TW", "zh"],
    ["en-US,en;q=0.9,zh;q=0.1", "en"],
    ["en;q=0.1, zh;q=0.9", "zh"],
    ["fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "zh"],
    ["fr-FR,fr", "en"],
    ["zh;q=0", "en"],
    ["*", "en"],
    ["<script>", "en"],
  ])("%j: %s", async (wanted, language) => {
    expect(await seen(wanted === undefined ? {} : { "Accept-Language": wanted })).toMatchObject({ language });
  });
});

describe("the zone is where Cloudflare sees the viewer", () => {
  it.each([
    [{ timezone: "Asia/Shanghai" }, "Asia/Shanghai"],
    [{ timezone: "Nowhere/Atlantis" }, "UTC"],
    [{ timezone: 8 }, "UTC"],
    [{}, "UTC"],
    [undefined, "UTC"],
  ])("%j: %s", async (cf, zone) => {
    expect(await seen({}, cf)).toMatchObject({ zone, path: "/admin/runs" });
  });

  it.each([
    ["UTC", "2026-11-22 03:10:00", "+00:00"],
    ["Asia/Shanghai", "2026-11-22 11:10:00", "+08:00"],
    ["Asia/Kolkata", "2026-11-22 08:40:00", "+05:30"],
    ["America/New_York", "2026-11-21 22:10:00", "-05:00"],
  ])("in %s it is %s", (zone, time, offset) => {
    expect([zoneOr(zone), timeIn(zone, NOW), offsetOf(zone, NOW)]).toEqual([zone, time, offset]);
  });

  it("and the page names it", () => {
    const html = rendered(Layout({ viewer: viewer({ zone: "America/New_York" }), title: "t", children: "" }));
    expect(html).toContain("Times are in America/New_York (UTC-05:00)");
  });
});

describe("a time is told", () => {
  it.each([
    ["today, without the day", -5 * 60_000, "11:05:00 <small>5 min ago</small>"],
    ["this year, without the year", -24 * 3_600_000, "11-21 11:10:00 <small>1 day ago</small>"],
    ["another year, as a whole", -400 * 24 * 3_600_000, "2025-10-18 11:10:00 <small>400 days ago</small>"],
    ["to come", 90 * 60_000, "12:40:00 <small>in 1 hr</small>"],
  ])("%s", (_, after_ms, expected) => {
    const html = rendered(Time({ viewer: viewer(), at: NOW + after_ms }));
    expect(html).toContain(expected);
    expect(html).toContain(`datetime="${new Date(NOW + after_ms).toISOString()}"`);
  });

  it.each([null, Number.NaN, 1e300, -1e300])("not at all where it is none: %j", (at) => {
    expect(rendered(Time({ viewer: viewer(), at }))).toBe("–");
  });

  it.each([
    [-1_000, "en", "1 sec ago"],
    [-3_599_000, "en", "59 min ago"],
    [-3 * 24 * 3_600_000, "zh", "3天前"],
  ] as const)("%j ms from now, in %s: %s", (since_ms, language, expected) => {
    expect(age(NOW + since_ms, NOW, language)).toBe(expected);
  });

  it.each([
    [0, "0s"],
    [999, "0s"],
    [65_000, "1m 5s"],
    [3_600_000, "1h"],
    [90_061_000, "1d 1h"],
    [-5, "0s"],
  ])("as a length, %j ms: %s", (ms, expected) => {
    expect(lasted(ms, "en")).toBe(expected);
  });
});

describe("what a page loads", () => {
  it.each([
    ["style.css", "text/css; charset=utf-8"],
    ["live.js", "text/javascript; charset=utf-8"],
    ["icon.svg", "image/svg+xml; charset=utf-8"],
  ] as const)("%s is kept for good under its own address, and by no other", async (name, type) => {
    const given = new Hono().route("/admin", assets);
    const own = await given.request(addressOf(name));
    expect([own.status, own.headers.get("Content-Type")]).toEqual([200, type]);
    expect(own.headers.get("Cache-Control")).toContain("immutable");
    const other = await given.request(`/admin/assets/another/${name}`);
    expect([other.status, other.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
  });
});

function page(who: Who | null): string {
  return rendered(Layout({ viewer: viewer({ who }), title: "t", children: "" }));
}

describe("the way out", () => {
  it.each([
    ["of a session is a form", { kind: "person", name: "lisi", by: "session" } as const, 'action="/admin/logout"'],
    [
      "of Access is Access's own",
      { kind: "person", name: "lisi", by: "access" } as const,
      'href="/cdn-cgi/access/logout"',
    ],
  ])("%s", (_, who, expected) => {
    expect(page(who)).toContain(expected);
  });

  it("is not there, nor any other way, where nobody has logged in", () => {
    expect(page(null)).not.toMatch(/<nav|<form|logout/);
  });
});
