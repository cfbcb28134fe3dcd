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

function formsOf(secret: string): string[] {
  return [secret, ...partsOf(secret)].flatMap((part) => [
    part,
    encodeURIComponent(part),
    new URLSearchParams({ "": part }).toString().slice(1),
    ...base64Of(part),
    JSON.stringify(part).slice(1, -1),
    asGoWrites(JSON.stringify(part).slice(1, -1)),
    part.replaceAll("/", String.raw`\/`),
  ]);
}

/** Go's JSON escapes what would be markup in a page. */
function asGoWrites(json: string): string {
  return json.replaceAll(/[&<>]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`);
}

/** As a header for Basic carries it. An address may be in another script; a credential is ASCII. */
function base64Of(part: string): string[] {
  return /^[ -~]*$/.test(part) ? [btoa(part)] : [];
}

/** What gives a secret away by itself: of a pair `id:secret` the latter, the parts of an address that are no words. */
function partsOf(secret: string): string[] {
  const url = URL.parse(secret);
  if (url === null || !url.protocol.startsWith("http")) return secret.includes(":") ? passwordOf(secret) : [];
  const parts = [...url.pathname.split("/"), ...url.searchParams.values(), url.href];
  return [`${url.pathname}${url.search}`, url.search, ...parts].filter((part) => part.length >= SECRET_PART);
}

function passwordOf(pair: string): string[] {
  return [pair.slice(pair.indexOf(":") + 1)].filter((password) => password.length >= SHORTEST_PASSWORD);
}
