import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BODY_BYTES, readBody } from "../../src/receive/body.ts";

/** A body that arrives in these pieces. */
function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}
const bytes = (text: string) => new TextEncoder().encode(text);

describe("a body", () => {
  it("is its text, wherever it was cut on its way", async () => {
    const cuts = fc.tuple(fc.string({ unit: "grapheme" }), fc.nat(40), fc.nat(40));
    const property = fc.asyncProperty(cuts, async ([text, one, other]) => {
      const [first, second] = [Math.min(one, other), Math.max(one, other)];
      const all = bytes(text);
      const stream = streamOf(all.slice(0, first), all.slice(first, second), all.slice(second));
      // A byte order mark at its start is no part of a text.
      expect(await readBody(stream)).toEqual({ text: text.replace(/^\ufeff/, ""), is_utf8: true, too_large: false });
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it("may be missing", async () => {
    expect(await readBody(null)).toEqual({ text: "", is_utf8: true, too_large: false });
  });

  it("may have 1 MiB, to the byte", async () => {
    expect(BODY_BYTES).toBe(1_048_576);
    const { text, too_large } = await readBody(streamOf(new Uint8Array(BODY_BYTES).fill(0x20)));
    expect([text.length, too_large]).toEqual([1_048_576, false]);
  });

  it("with a byte more is too large, however it is cut; only its head is kept", async () => {
    const half = new Uint8Array(BODY_BYTES / 2).fill(0x20);
    for (const stream of [streamOf(new Uint8Array(BODY_BYTES + 1)), streamOf(half, half, bytes("x"))]) {
      const { text, too_large } = await readBody(stream);
      expect([text.length, too_large]).toEqual([65_536, true]);
    }
  });

  it("that does not end is left as soon as it is too large", async () => {
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    expect((await readBody(endless)).too_large).toBe(true);
    expect(given).toBeLessThan(32);
  });

  it.each([
    ["a byte that is none", [0x22, 0xff, 0x22]],
    ["half a character", [0xe5, 0xa4]],
    ["half of a pair", [0xed, 0xa0, 0x80]],
    ["a zero in too many bytes", [0xc0, 0x80]],
  ])("with %s is no UTF-8, and is kept as far as it can be read", async (_, wrong) => {
    const { text, is_utf8 } = await readBody(streamOf(Uint8Array.from(wrong)));
    expect(is_utf8).toBe(false);
    expect(text).toContain("\ufffd");
  });
});
