// Bodies as they come over a network: one that has no end, and knows what was read of it; some in chunks; some broken off.

const CHUNK_BYTES = 16 * 1024;

export interface Endless {
  stream: ReadableStream<Uint8Array>;
  told: {
    /** How many bytes were asked for. */
    read: number;
    /** Whether the reader said that it wants no more. */
    isLeft: boolean;
  };
}

export function endless(): Endless {
  const told = { read: 0, isLeft: false };
  const stream = new ReadableStream({
    type: "bytes",
    pull: (controller) => {
      told.read += CHUNK_BYTES;
      controller.enqueue(new Uint8Array(CHUNK_BYTES).fill(97));
    },
    cancel: () => {
      told.isLeft = true;
    },
  });
  return { stream, told };
}

/** The text in chunks of so many bytes; broken off behind the last one, where `isBroken`. */
export function chunked(text: string | Uint8Array, bytes: number, isBroken = false): ReadableStream<Uint8Array> {
  const all = typeof text === "string" ? new TextEncoder().encode(text) : text;
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull: (controller: ReadableByteStreamController) => {
      if (at < all.byteLength) controller.enqueue(all.slice(at, at + bytes));
      else if (isBroken) controller.error(new Error("the connection is lost"));
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
      at += bytes;
    },
  });
}
