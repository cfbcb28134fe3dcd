// What the door of /admin decides without asking anybody: where to go on, and whether a page of ours has sent a request.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeAfter, wayToLogin } from "../../src/admin/login.tsx";
import { type BodyType, isOwn } from "../../src/admin/origin.ts";

const HOME = "https://edge.example";

describe("after the log-in", () => {
  it.each([
    ["/admin", "/admin"],
    ["/admin/", "/admin/"],
    ["/admin/runs?state=waiting&q=a%2Fb", "/admin/runs?state=waiting&q=a%2Fb"],
    ["/admin/incidents/6551#runs", "/admin/incidents/6551"],
    ["/admin/login-of-somebody", "/admin/login-of-somebody"],
    [undefined, "/admin"],
    ["", "/admin"],
    ["/", "/admin"],
    ["/administration", "/admin"],
    ["/webhooks/incident", "/admin"],
    ["/admin/login", "/admin"],
    ["/admin/login?to=/admin/login", "/admin"],
    ["/admin/logout", "/admin"],
    ["/admin/../webhooks", "/admin"],
    ["/admin/%2e%2e//evil.example", "/admin"],
    ["//evil.example/admin", "/admin"],
    ["/\\evil.example/admin", "/admin"],
    ["\\\\evil.example/admin", "/admin"],
    ["/\t/evil.example/admin", "/admin"],
    ["https://evil.example/admin", "/admin"],
    ["https:evil.example/admin", "/admin"],
    ["https://evil.example/admin/runs", "/admin"],
    ["foo:/admin/..\\..\\webhooks", "/admin"],
    ["https://edge.invalid@evil.example/admin", "/admin"],
    ["javascript:alert(1)//admin", "/admin"],
    ["%2f%2fevil.example/admin", "/admin"],
    ["http://[", "/admin"],
  ])("%j leads to %s", (to, place) => {
    expect(placeAfter(to)).toBe(place);
  });

  it("whatever was asked for, one stays under /admin, and out of the log-in", () => {
    const part = fc.constantFrom(
      "/",
      "\\",
      "..",
      "%2e",
      "%2f",
      "admin",
      "login",
      "evil.example",
      ":",
      "@",
      "?",
      "#",
      "\t",
      "https",
    );
    const anything = fc.oneof(
      fc.string(),
      fc.array(part).map((parts) => parts.join("")),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(anything, (to) => {
        const { origin, pathname } = new URL(placeAfter(to), `${HOME}/admin/login`);
        expect(origin).toBe(HOME);
        expect(pathname).toMatch(/^\/admin(\/(?!log(in|out)(\/|$))|$)/);
        expect(placeAfter(to)).toMatch(/^[!-~]*$/);
      }),
    );
  });

  it("one comes back to where one was", () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const at = new URL(`${HOME}/admin/runs${path}?${query}`);
        const to = new URL(wayToLogin(at.href), HOME).searchParams.get("to") ?? "";
        fc.pre(at.pathname.startsWith("/admin/"));
        expect(placeAfter(to)).toBe(at.pathname + at.search);
      }),
    );
  });
});

describe("a request that changes something", () => {
  const JSON_TYPE = "application/json";
  const FORM_TYPE = "application/x-www-form-urlencoded";
  const given = { Origin: HOME, "Sec-Fetch-Site": "same-origin", "Content-Type": JSON_TYPE };

  it.each<[boolean, string, Record<string, string | undefined>, BodyType]>([
    [true, "POST", {}, JSON_TYPE],
    [true, "POST", { "Sec-Fetch-Site": undefined }, JSON_TYPE],
    [true, "POST", { "Content-Type": "Application/JSON; charset=utf-8" }, JSON_TYPE],
    [true, "POST", { "Content-Type": FORM_TYPE }, FORM_TYPE],
    [true, "DELETE", { "Content-Type": undefined }, JSON_TYPE],
    [false, "POST", { "Content-Type": undefined }, JSON_TYPE],
    [false, "POST", { "Content-Type": "" }, JSON_TYPE],
    [false, "POST", { "Content-Type": "text/plain; application/json" }, JSON_TYPE],
    [false, "POST", { "Content-Type": "application/json-patch+json" }, JSON_TYPE],
    [false, "POST", { "Content-Type": "multipart/form-data; boundary=x" }, FORM_TYPE],
    [false, "POST", {}, FORM_TYPE],
    [false, "DELETE", { "Content-Type": "text/plain" }, JSON_TYPE],
    [false, "DELETE", { Origin: undefined }, JSON_TYPE],
    [false, "POST", { Origin: undefined }, JSON_TYPE],
    [false, "POST", { Origin: "null" }, JSON_TYPE],
    [false, "POST", { Origin: "http://edge.example" }, JSON_TYPE],
    [false, "POST", { Origin: "https://edge.example:8443" }, JSON_TYPE],
    [false, "POST", { Origin: "https://edge.example.evil.example" }, JSON_TYPE],
    [false, "POST", { Origin: `${HOME}, https://evil.example` }, JSON_TYPE],
    [false, "POST", { "Sec-Fetch-Site": "same-site" }, JSON_TYPE],
    [false, "POST", { "Sec-Fetch-Site": "cross-site" }, JSON_TYPE],
    [false, "POST", { "Sec-Fetch-Site": "none" }, JSON_TYPE],
  ])("is believed to be ours: %s of a %s with %j, where %s is taken", (is_ours, method, changes, type) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries({ ...given, ...changes }))
      if (value !== undefined) headers.set(name, value);
    expect(isOwn(new Request(`${HOME}/admin/api/switch`, { method, headers }), type)).toBe(is_ours);
  });
});
