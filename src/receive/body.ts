// A request's body, read up to a limit that is counted in bytes really read: what Content-Length claims is not believed.

/** The largest push that is taken; documented ones have some 4 KB. */
export const BODY_BYTES = 1024 * 1024;
/** What goes to the quarantine of one that is larger, or no text. */
const HEAD_BYTES = 64 * 1024;
/** A usual push is read at once. */
const CHUNK_BYTES = 16 * 1024;

export interface Body {
  /** As received (but for a byte order mark); only its head, where it is too large or no UTF-8. */
  text: string;
  /** Why it cannot be taken; null where it can. */
  flaw: "too_large" | "not_utf8" | "cut_off" | null;
}

/** Reads the body. Never throws: what came before a connection broke is a flawed body. */
export async function readBody(stream: ReadableStream | null): Promise<Body> {
  const { bytes, flaw } = await readBytes(stream);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes), flaw };
  } catch {
    // Only its head: each byte that is replaced takes three, and a row of the quarantine holds 2 MB.
    return { text: new TextDecoder().decode(bytes.subarray(0, HEAD_BYTES)), flaw: flaw ?? "not_utf8" };
  }
}

async function readBytes(stream: ReadableStream | null): Promise<{ bytes: Uint8Array; flaw: Body["flaw"] }> {
  const read = new Bytes();
  try {
    const reader = stream?.getReader({ mode: "byob" });
    let view = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      const { value, done } = (await reader?.read(view)) ?? { value: undefined, done: true };
      if (value !== undefined) read.add(value);
      if (read.length > BODY_BYTES) {
        // What is left is nobody's business, and nothing to wait for.
        void reader?.cancel().catch(() => undefined);
        return { bytes: read.all().subarray(0, HEAD_BYTES), flaw: "too_large" };
      }
      if (done) return { bytes: read.all(), flaw: null };
      view = new Uint8Array(value.buffer);
    }
  } catch {
    return { bytes: read.all(), flaw: "cut_off" };
  }
}

/** Bytes as they come, in one buffer that doubles: a drip of single bytes must not cost a chunk for each. */
class Bytes {
  length = 0;
  #buffer = new Uint8Array(CHUNK_BYTES);

  add(chunk: Uint8Array): void {
    if (this.length + chunk.byteLength > this.#buffer.byteLength) {
      const larger = new Uint8Array(Math.max(this.#buffer.byteLength * 2, this.length + chunk.byteLength));
      larger.set(this.all());
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.length);
    this.length += chunk.byteLength;
  }

  all(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }
}
