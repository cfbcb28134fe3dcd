// A body, read as it comes over the network: the same text wherever its bytes are cut, and never more than may be.
import { describe, expect, it } from "vitest";
import { BODY_BYTES, readBody } from "../../src/receive/body.ts";
import { chunked, endless } from "./endless.ts";

const HEAD = 64 * 1024;
const BOM = [0xef, 0xbb, 0xbf];
const TEXT = '{"title":"头👩‍💻é a\u0000\\ud800"}';

const encode = (text: string) => new TextEncoder().encode(text);

describe("a body", () => {
  it("is the same text wherever its bytes are cut", async () => {
    const { byteLength } = encode(TEXT);
    for (let bytes = 1; bytes <= byteLength; bytes++)
      expect([bytes, await readBody(chunked(TEXT, bytes))]).toEqual([bytes, { text: TEXT, flaw: null }]);
  });

  it.each([1, 3, 1_000, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 100_000])(
    "of many characters is the same text in chunks of %i bytes",
    async (bytes) => {
      const text = TEXT.repeat(bytes === 1 ? 100 : 5_000);
      const read = await readBody(chunked(text, bytes));
      expect([read.flaw, read.text === text]).toEqual([null, true]);
    },
  );

  it("comes as a drip of 40,000 single bytes", async () => {
    const text = "头".repeat(40_000 / 3);
    const read = await readBody(chunked(text, 1));
    expect([read.flaw, read.text === text]).toEqual([null, true]);
  });

  it("loses its byte order mark, and only that", async () => {
    const marked = Uint8Array.from([...BOM, ...encode(`\ufeff${TEXT}`)]);
    for (const bytes of [1, 2, 3, 4, marked.byteLength])
      expect(await readBody(chunked(marked, bytes))).toEqual({ text: `\ufeff${TEXT}`, flaw: null });
  });

  it.each([
    ["that is not there", null],
    ["without a byte", chunked("", 1)],
    ["of nothing but a byte order mark", chunked(Uint8Array.from(BOM), 2)],
  ])("%s is the empty text", async (_, stream) => {
    expect(await readBody(stream)).toEqual({ text: "", flaw: null });
  });

  it.each([1_000, 16 * 1024, 16 * 1024 + 1, BODY_BYTES + 1])(
    "of exactly 1 MiB is taken, and of one byte more its head is, in chunks of %i bytes",
    async (bytes) => {
      const full = "a".repeat(BODY_BYTES);
      const taken = await readBody(chunked(full, bytes));
      expect([taken.flaw, taken.text === full]).toEqual([null, true]);
      const more = await readBody(chunked(`${full}a`, bytes));
      expect([more.flaw, more.text === full.slice(0, HEAD)]).toEqual(["too_large", true]);
    },
  );

  it("that is too large and cut within a character at its head ends with U+FFFD", async () => {
    const { text, flaw } = await readBody(chunked("头".repeat(BODY_BYTES / 2), 1_000));
    expect([flaw, text.length, text.at(-1)]).toEqual(["too_large", Math.ceil(HEAD / 3), "\ufffd"]);
  });

  it("without an end is left early", async () => {
    const { stream, told } = endless();
    expect(await readBody(stream)).toEqual({ text: "a".repeat(HEAD), flaw: "too_large" });
    expect(told.isLeft).toBe(true);
    expect(told.read).toBeLessThanOrEqual(BODY_BYTES + 2 * 16 * 1024);
  });

  it("without an end is left even where nobody hears of it", async () => {
    const stream = new ReadableStream({
      type: "bytes",
      pull: (controller: ReadableByteStreamController) => {
        controller.enqueue(new Uint8Array(64 * 1024).fill(97));
      },
      cancel: async () => Promise.reject(new Error("nobody hears of it")),
    });
    expect(await readBody(stream)).toMatchObject({ flaw: "too_large" });
  });
});

describe("bytes that are no UTF-8", () => {
  it.each([
    ["a byte of another encoding", [0x61, 0xe9, 0x62], "a\ufffdb"],
    ["a character that is cut off", [0x61, 0xe5, 0xa4], "a\ufffd"],
    ["a surrogate", [0x61, 0xed, 0xa0, 0x80, 0x62], "a\ufffd\ufffd\ufffdb"],
    ["a character in more bytes than it needs", [0x61, 0xc0, 0xaf, 0x62], "a\ufffd\ufffdb"],
  ])("%s are told, and kept with U+FFFD in their place", async (_, bytes, text) => {
    for (const cut of [1, 2, 3, bytes.length])
      expect(await readBody(chunked(Uint8Array.from(bytes), cut))).toEqual({ text, flaw: "not_utf8" });
  });

  it("are kept up to their head: each takes three where it is replaced", async () => {
    const { text, flaw } = await readBody(chunked(new Uint8Array(BODY_BYTES).fill(0xe9), 16 * 1024));
    expect([flaw, text === "\ufffd".repeat(HEAD)]).toEqual(["not_utf8", true]);
  });
});

describe("a body that breaks off", () => {
  it.each([0, 1, 100, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 50_000, BODY_BYTES])(
    "after %i bytes is kept with all that came",
    async (bytes) => {
      const came = "a".repeat(bytes);
      const { text, flaw } = await readBody(chunked(came, 1_000, true));
      expect([flaw, text.length, text === came]).toEqual(["cut_off", bytes, true]);
    },
  );

  it("within a character is kept with U+FFFD at its end", async () => {
    const came = encode("a头").slice(0, -1);
    expect(await readBody(chunked(came, 1, true))).toEqual({ text: "a\ufffd", flaw: "cut_off" });
  });

  it("behind 1 MiB is too large", async () => {
    const { flaw } = await readBody(chunked("a".repeat(BODY_BYTES + 1), 1_000, true));
    expect(flaw).toBe("too_large");
  });
});
