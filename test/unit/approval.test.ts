import { describe, expect, it } from "vitest";
import { ANYBODY, type Approver, nameOf, objectionTo } from "../../src/domain/approval.ts";

const lisi: Approver = { at: "button", person_id: "7", email: "lisi@example.com", name: "lisi" };
const by_api: Approver = { at: "admin", person_id: "", email: "", name: "lisi" };
const nobody: Approver = { at: "admin", person_id: "", email: "", name: "" };

function isAllowed(approver: Approver, not_by: string[] | null): boolean {
  return objectionTo(approver, { approval: not_by === null ? null : { within_ms: 60_000, not_by } }) === null;
}

describe("an approval", () => {
  it.each<[string, Approver, string[] | null, boolean]>([
    ["by a person", lisi, [], true],
    ["where none is needed", lisi, null, true],
    ["where others are excluded", lisi, ["8", "wangwu@example.com", "wangwu"], true],
    ["by one who is excluded by id", lisi, ["8", "7"], false],
    ["by one who is excluded by address", lisi, ["lisi@example.com"], false],
    ["by one whose address is written in capitals", lisi, ["LiSi@Example.com"], false],
    ["by one who writes it in capitals", { ...lisi, email: "LISI@EXAMPLE.COM" }, ["lisi@example.com"], false],
    ["by one who is excluded by name", lisi, ["lisi"], false],
    ["through the API, by a name", by_api, [], true],
    ["through the API, by a name that is excluded", by_api, ["LISI"], false],
    [
      "through the API, by the address that is excluded",
      { ...by_api, name: "lisi@example.com" },
      ["lisi@example.com"],
      false,
    ],
    ["through the API, by the id that is excluded", { ...by_api, name: "7" }, ["7"], false],
    ["by a part of an excluded name", { ...lisi, name: "li" }, ["lisi"], true],
    ["by one without a name", { ...lisi, name: "" }, [], true],
    ["by one without a name or address, who is excluded", { ...lisi, name: "", email: "" }, ["7"], false],
    ["by a person whose address is not told, where one is excluded", { ...lisi, email: "" }, ["a@example.com"], false],
    ["by a person whose address is not told, where others are excluded by id", { ...lisi, email: "" }, ["8"], true],
    ["by a button's person who has a name alone", { ...lisi, person_id: "" }, [], false],
    ["by anybody, where it cannot be told who must not", lisi, [ANYBODY], false],
    ["through the API, where it cannot be told who must not", by_api, [ANYBODY], false],
    ["by nobody", nobody, [], false],
    ["by nobody, where none is needed", nobody, null, false],
    ["by blanks", { ...nobody, name: "  " }, [], false],
    ["by one with an address alone", { ...nobody, email: "lisi@example.com" }, [], false],
  ])("%s", (_, approver, not_by, expected) => {
    expect(isAllowed(approver, not_by)).toBe(expected);
  });

  it("is not refused because an excluded one is empty, as every unknown part of an approver is", () => {
    expect(isAllowed(by_api, [""])).toBe(true);
  });

  it("says why it is none, without the list of those who may not", () => {
    const run = { approval: { within_ms: 1, not_by: ["7", "boss@example.com"] } };
    expect(objectionTo(lisi, run)).toBe("the playbook wants somebody else to approve it");
    expect(objectionTo(nobody, run)).toBe("nobody is named who approves it");
  });
});

describe("the name of an approver", () => {
  it.each<[Approver, string]>([
    [lisi, "lisi"],
    [by_api, "lisi"],
    [{ ...lisi, name: "" }, "person 7"],
    [{ ...lisi, name: " " }, "person 7"],
  ])("of %j is %j", (approver, expected) => {
    expect(nameOf(approver)).toBe(expected);
  });
});
