import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isListed, parseSources } from "../../src/receive/source.ts";

const PUBLISHED = "47.94.95.118, 123.56.8.183, 47.94.193.81, 1.13.19.96";
const listed = (address: string, list: string) => isListed(address, parseSources(list).sources);

describe("an address", () => {
  it.each([
    ["47.94.95.118", PUBLISHED],
    ["1.13.19.96", PUBLISHED],
    ["203.0.113.7", "203.0.113.7/32"],
    ["203.0.113.0", "203.0.113.0/24"],
    ["203.0.113.255", "203.0.113.0/24"],
    ["203.0.113.128", "203.0.113.200/25"],
    ["10.255.255.255", "10.0.0.0/8"],
    ["0.0.0.0", "0.0.0.0/0"],
    ["255.255.255.255", "0.0.0.0/0"],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"],
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8::", "2001:db8::/32"],
    ["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32"],
    ["2001:db8::ff", "2001:db8::/121, 2001:db8::80/121"],
    ["::1", "::1"],
    ["fe80::1", "::/0"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.0/24"],
    ["203.0.113.7", "::ffff:203.0.113.7"],
  ])("%s is in %s", (address, list) => {
    expect(listed(address, list)).toBe(true);
  });

  it.each([
    ["47.94.95.119", PUBLISHED],
    ["203.0.112.255", "203.0.113.0/24"],
    ["203.0.114.0", "203.0.113.0/24"],
    ["203.0.113.127", "203.0.113.200/25"],
    ["203.0.113.6", "203.0.113.7/32"],
    ["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/32"],
    ["2001:db9::", "2001:db8::/32"],
    ["2001:db8::7f", "2001:db8::80/121"],
    ["::1", "0.0.0.0/0"],
    ["203.0.113.7", "::/0"],
    ["64:ff9b::203.0.113.7", "203.0.113.7"],
    ["203.0.113.7", ""],
  ])("%s is not in %s", (address, list) => {
    expect(listed(address, list)).toBe(false);
  });

  it.each([
    "",
    " ",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "010.0.0.1",
    "127.0.0.256",
    "127.0.0",
    "127.0.0.1.1",
    "127.0.0.1:443",
    "127.0.0.1/32",
    " 127.0.0.1",
    "127.0.0.1\n",
    "127.0.0.1, 127.0.0.2",
    "[::1]",
    "[::1]:443",
    "::1::",
    ":::1",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "::g",
    "fe80::1%eth0",
    "fe80::1%",
    "::1%1",
    "::ffff:203.0.113.7%eth0",
    "203.0.113.7%eth0",
  ])("%j is none, and so in no list", (address) => {
    expect(listed(address, "0.0.0.0/0, ::/0")).toBe(false);
  });
});

describe("a list", () => {
  it.each([
    ["commas", "1.2.3.4,5.6.7.8,::1"],
    ["blanks", "1.2.3.4 5.6.7.8\t::1"],
    ["both", " ,1.2.3.4 , 5.6.7.8,,::1, "],
    ["lines", "1.2.3.4\n5.6.7.8\r\n::1\n"],
  ])("is separated by %s", (_, list) => {
    const { sources, wrong } = parseSources(list);
    expect(sources.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
      "1.2.3.4/32",
      "5.6.7.8/32",
      "::1/128",
    ]);
    expect(wrong).toEqual([]);
  });

  it.each(["", "  ", ",,"])("may be empty: %j", (list) => {
    expect(parseSources(list)).toEqual({ sources: [], wrong: [] });
  });

  it.each([
    "1.2.3.4/33",
    "1.2.3.4/",
    "1.2.3.4/-1",
    "1.2.3.4/8/8",
    "1.2.3.4/0x8",
    "1.2.3.4/1e1",
    "1.2.3.4/255.255.255.0",
    "1.2.3/24",
    "0x7f.0.0.1",
    "127.1",
    "::1/129",
    "fe80::1%eth0",
    "fe80::%eth0/10",
    "fe80::/10%eth0",
    "/24",
    "flashcat.cloud",
    "1.2.3.4;5.6.7.8",
  ])("tells the number of what is no address and no block: %s, and takes the rest", (entry) => {
    const { sources, wrong } = parseSources(`10.0.0.1, ${entry} ::1`);
    expect(wrong).toEqual([2]);
    expect(sources).toHaveLength(2);
  });

  it("tells the number of each wrong entry, counted from 1 and without what is empty", () => {
    expect(parseSources(", x,, 1.2.3.4 \n y,z, ::1,").wrong).toEqual([1, 3, 4]);
  });
});

const part = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const v4 = fc.tuple(part(8), part(8), part(8), part(8));
const v6 = fc
  .array(part(16), { minLength: 8, maxLength: 8 })
  // ::ffff:0:0/96 is IPv4 in other clothes.
  .filter((parts) => parts.slice(0, 5).some((one) => one !== 0));
const written4 = (parts: readonly number[]) => parts.join(".");
const written6 = (parts: readonly number[]) => parts.map((one) => one.toString(16)).join(":");

/** The same address with one bit the other way, counted from the left. */
function flipped(parts: readonly number[], width: number, bit: number): number[] {
  return parts.map((one, at) => (at === Math.floor(bit / width) ? one ^ (1 << (width - 1 - (bit % width))) : one));
}

describe("a block", () => {
  it("of IPv4 holds its own address, and exactly those that share its leading bits", () => {
    const property = fc.property(
      v4,
      part(5).map((bits) => bits + 1),
      part(5),
      (parts, bits, other) => {
        const block = `${written4(parts)}/${bits}`;
        expect(listed(written4(parts), block)).toBe(true);
        expect(listed(`::ffff:${written4(parts)}`, block)).toBe(true);
        expect(listed(written4(flipped(parts, 8, other)), block)).toBe(other >= bits);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it("of IPv6 holds its own address, and exactly those that share its leading bits", () => {
    const property = fc.property(
      v6,
      part(7).map((bits) => bits + 1),
      part(7),
      (parts, bits, other) => {
        const block = `${written6(parts)}/${bits}`;
        expect(listed(written6(parts), block)).toBe(true);
        // Where the other bit makes it an IPv4 address in other clothes, it is in no block of IPv6.
        const changed = flipped(parts, 16, other);
        const is_v4 = changed.slice(0, 5).every((one) => one === 0) && changed[5] === 0xffff;
        expect(listed(written6(changed), block)).toBe(other >= bits && !is_v4);
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  it("any text is an address or none, and nothing is thrown", () => {
    const property = fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), fc.string(), (address, list) => {
      const { sources, wrong } = parseSources(list);
      const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
      expect(sources.length + wrong.length).toBe(entries.length);
      for (const number of wrong) expect(parseSources(entries[number - 1] ?? "")).toEqual({ sources: [], wrong: [1] });
      expect(typeof isListed(address, sources)).toBe("boolean");
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
