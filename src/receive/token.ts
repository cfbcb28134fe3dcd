// Bearer tokens, compared in constant time.

/** Whether the request carries one of the tokens: `Authorization: Bearer <token>` (RFC 6750). */
export async function carriesToken(request: Request, tokens: readonly string[]): Promise<boolean> {
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  if (given === undefined) return false;
  const [digest, ...digests] = await Promise.all([given, ...tokens].map(digestOf));
  // Every one is compared, and digests are of one length: nothing about the tokens is told by the time this takes.
  return digests.map((one) => digest !== undefined && crypto.subtle.timingSafeEqual(digest, one)).includes(true);
}

async function digestOf(token: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
}
