import { describe, expect, it } from "vitest";
import { arrivalAgain, arrivalOf, type Destination, destinationOf } from "../../src/receive/arrival.ts";

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
      span: arrival.span,
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

describe("a destination", () => {
  it.each<[string, Destination]>([
    ["/webhooks/incident", { kind: "incident" }],
    ["/webhooks/%69ncident", { kind: "incident" }],
    ["/webhooks/action/restart-host", PRESSED],
    ["/webhooks/action/restart%2Dhost", PRESSED],
    ["/webhooks/action/%E9%87%8D%E5%90%AF", { kind: "action", action: "重启" }],
    ["/webhooks/action/100%", { kind: "action", action: "100%" }],
    ["/webhooks", { kind: "nowhere" }],
    ["/webhooks/", { kind: "nowhere" }],
    ["/webhooks/incident/", { kind: "nowhere" }],
    ["/webhooks/incidents", { kind: "nowhere" }],
    ["/webhooks/action", { kind: "nowhere" }],
    ["/webhooks/action/", { kind: "nowhere" }],
    ["/webhooks/action/restart-host/", { kind: "nowhere" }],
    ["/webhooks/action/a/b", { kind: "nowhere" }],
    ["/incident", { kind: "nowhere" }],
    ["queue", { kind: "nowhere" }],
  ])("is read from %s", (path, destination) => {
    expect(destinationOf(path)).toEqual(destination);
  });
});

describe("what was kept", () => {
  it("goes where it was called, as of when it first came", () => {
    const first = at("https://edge.example/webhooks/action/restart-host?dc=n%20j&dc=sh");
    const { path_and_query, source, received_at, span } = first;
    const again = arrivalAgain({ path_and_query, source, received_at, span });
    expect([again, [...again.query]]).toEqual([first, [...first.query]]);
  });
});
