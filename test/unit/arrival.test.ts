import { describe, expect, it } from "vitest";
import { arrivalOf, type Destination } from "../../src/receive/arrival.ts";

const PRESSED: Destination = { kind: "action", action: "restart-host" };
const at = (url: string, headers: Record<string, string> = {}) => arrivalOf(new Request(url, { headers }), PRESSED, 7);

describe("an arrival", () => {
  it("is where a push came to, with what it carries, where from, and when", () => {
    const arrival = at("https://edge.example:8443/webhooks/action/restart-host?dc=nj&dc=s%20h", {
      "CF-Connecting-IP": "203.0.113.7",
    });
    expect(arrival).toEqual({
      destination: PRESSED,
      query: new URLSearchParams("dc=nj&dc=s+h"),
      path_and_query: "/webhooks/action/restart-host?dc=nj&dc=s%20h",
      source: "203.0.113.7",
      received_at: 7,
    });
    expect([...arrival.query]).toEqual([
      ["dc", "nj"],
      ["dc", "s h"],
    ]);
  });

  it("has no query where the address has none", () => {
    const { path_and_query, query } = at("https://edge.example/webhooks/incident");
    expect([path_and_query, query.size]).toEqual(["/webhooks/incident", 0]);
  });

  it.each([{}, { "X-Forwarded-For": "203.0.113.7" }, { "X-Real-IP": "203.0.113.7" }, { Forwarded: "for=203.0.113.7" }])(
    "believes the edge about who sent it, and nobody else: %j",
    (headers: Record<string, string>) => {
      expect(at("https://edge.example/webhooks/incident", headers).source).toBe("");
    },
  );
});
