// Who may push: the addresses that Flashduty publishes, single or as CIDR blocks.
import ipaddr from "ipaddr.js";

/** A block of addresses: one of it, and how many leading bits all share. */
export type Source = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Reads a list separated by commas or blanks. `wrong`: which entries, from 1, are no address and no block. */
export function parseSources(list: string): { sources: Source[]; wrong: number[] } {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== "");
  const parsed = entries.map(parseSource);
  return {
    sources: parsed.filter((source) => source !== null),
    wrong: parsed.flatMap((source, index) => (source === null ? [index + 1] : [])),
  };
}

/** Whether the address, as `CF-Connecting-IP` tells it, is in one of the blocks. */
export function isListed(address: string, sources: readonly Source[]): boolean {
  const parsed = parseAddress(address);
  if (parsed === null) return false;
  return sources.some(([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits));
}

function parseSource(entry: string): Source | null {
  const [text = "", bits, ...more] = entry.split("/");
  const address = parseAddress(text);
  if (address === null || more.length > 0) return null;
  const longest = address.kind() === "ipv4" ? 32 : 128;
  if (bits === undefined) return [address, longest];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= longest ? [address, Number(bits)] : null;
}

/** An IPv4 address in IPv6's clothes is an IPv4 address. Forms like `127.1` and zones (`%eth0`) are refused. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) && !text.includes("%") ? ipaddr.process(text) : null;
}
