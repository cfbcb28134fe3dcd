// A request's body, read up to a limit that is counted in bytes really read: what Content-Length claims is not believed.

/** The largest push that is taken; documented ones have some 4 KB. */
export const BODY_BYTES = 1024 * 1024;
/** What goes to the quarantine of one that is larger, or no text. */
const HEAD_BYTES = 64 * 1024;

/** The text; only its head, where it is no UTF-8 (and bytes had to be replaced) or too large. */
export interface Body {
  text: string;
  is_utf8: boolean;
  too_large: boolean;
}

export async function readBody(stream: ReadableStream<Uint8Array> | null): Promise<Body> {
  const { bytes, too_large } = await readBytes(stream);
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return { text, is_utf8: true, too_large };
  } catch {
    // Only its head: each byte that is replaced takes three, and a row of the quarantine holds 2 MB.
    return { text: new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)), is_utf8: false, too_large };
  }
}

async function readBytes(
  stream: ReadableStream<Uint8Array> | null,
): Promise<{ bytes: Uint8Array; too_large: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream ?? []) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > BODY_BYTES) return { bytes: joined(chunks, length).subarray(0, HEAD_BYTES), too_large: true };
  }
  return { bytes: joined(chunks, length), too_large: false };
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
