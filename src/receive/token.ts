// Bearer tokens, compared in constant time.

/** Whether the request carries one of the tokens: `Authorization: Bearer <token>` (RFC 6750). */
export async function carriesToken(request: Request, tokens: readonly string[]): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  return given !== undefined && isOneOf(given, tokens);
}

/** Whether this is one of the tokens. */
export async function isOneOf(given: string, tokens: readonly string[]): Promise<boolean> {
  const digest = await digestOf(given);
  const digests = await expected(tokens);
  // Every one is compared, and digests are of one length: nothing about the tokens is told by the time this takes.
  return digests.map((one) => crypto.subtle.timingSafeEqual(digest, one)).includes(true);
}

const digested = new WeakMap<readonly string[], readonly ArrayBuffer[]>();

/** The digests of the tokens, computed once for each list of them. */
async function expected(tokens: readonly string[]): Promise<readonly ArrayBuffer[]> {
  const digests = digested.get(tokens) ?? (await Promise.all(tokens.map(digestOf)));
  digested.set(tokens, digests);
  return digests;
}

async function digestOf(token: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
}
