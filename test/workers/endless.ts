// A body that has no end, and that knows what was read of it.

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
  const stream = new ReadableStream<Uint8Array>({
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
