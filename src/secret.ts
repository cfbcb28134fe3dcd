// Hiding secrets in what others say: a target that echoes its request, an error that quotes an address.

const SHORTEST_PASSWORD = 8;
/** Shorter parts of a secret address are words like "api", not secrets. */
const SECRET_PART = 16;

/** Replaces each of `secrets` by "(hidden)", in whatever form a request carries it or an answer quotes it. */
export function hiding(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length > 0)
    .toSorted((one, other) => other.length - one.length);
  return (text) => forms.reduce((hidden, form) => hidden.replaceAll(form, "(hidden)"), text);
}

/** How often a quote can be quoted: JSON within JSON, JSON within an address. */
const MOST_NESTED = 3;

function formsOf(secret: string): string[] {
  const parts = [secret, ...partsOf(secret)];
  // What stands in an address can be in base64 as it stands there.
  const carried = parts.flatMap((part) => [part, ...IN_ADDRESS.map((encode) => encode(part))]);
  return [...parts, ...carried.flatMap(base64Of)].flatMap(escaped);
}

/** The text in every way of escaping it, and of escaping that. Most credentials have nothing to escape. */
function escaped(text: string): string[] {
  let all = [text];
  for (let nested = 0; nested < MOST_NESTED; nested++) {
    const before = all.length;
    all = [...new Set(all.flatMap((one) => [one, ...ESCAPES.map((escape) => escape(one))]))];
    if (all.length === before) break;
  }
  return all;
}

const IN_ADDRESS = [encodeURIComponent, (text: string) => new URLSearchParams({ "": text }).toString().slice(1)];
const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const ESCAPES: ((text: string) => string)[] = [
  ...IN_ADDRESS,
  (text) => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  inJson,
  // Go's JSON escapes what would be markup in a page.
  (text) => inJson(text).replaceAll(/[&<>]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`),
  (text) => text.replaceAll("/", String.raw`\/`),
  (text) => text.replaceAll("&", "&amp;"),
];

/**
 * What every base64 has in it that has the part in it, behind "Bearer" or within a whole request: it depends on where the
 * part begins among groups of three bytes. An address may be in another script; a credential is ASCII.
 */
function base64Of(part: string): string[] {
  if (!/^[ -~]*$/.test(part)) return [];
  return [0, 1, 2].map((before) => {
    const [from, to] = [Math.ceil((8 * before) / 6), Math.floor((8 * (before + part.length)) / 6)];
    return btoa(" ".repeat(before) + part).slice(from, to);
  });
}

/** What gives a secret away by itself: of a pair `id:secret` the latter, the parts of an address that are no words. */
function partsOf(secret: string): string[] {
  const url = URL.parse(secret);
  if (url === null || !url.protocol.startsWith("http")) return secret.includes(":") ? passwordOf(secret) : [];
  const parts = [url.href, `${url.pathname}${url.search}`, url.search, ...url.pathname.split("/")];
  const keys = [...url.searchParams.values()].filter((key) => key.length >= SHORTEST_PASSWORD);
  return [...parts.filter((part) => part.length >= SECRET_PART), ...keys];
}

function passwordOf(pair: string): string[] {
  return [pair.slice(pair.indexOf(":") + 1)].filter((password) => password.length >= SHORTEST_PASSWORD);
}
