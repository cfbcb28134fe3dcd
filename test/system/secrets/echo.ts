// What a target can say that quotes its request: the request in many forms, in the errors of each vendor's shape, and in
// headers. The pieces that hold a secret come first, for of an error only the beginning is kept.

import type { Asked, Said } from "../../simulator/system.ts";
import type { Marks } from "./marks.ts";

/** A piece of a request that holds a secret: a header's value, the address, the body. */
interface Piece {
  name: string;
  value: string;
}

/** The pieces, beginning with another one at each turn; the whole request where none holds a secret. */
function piecesOf(asked: Asked, marks: Marks, turn: number): Piece[] {
  const address = asked.query.size === 0 ? asked.path : `${asked.path}?${asked.query.toString()}`;
  const all = [...asked.headers, ["address", address], ["body", asked.body]].map(([name = "", value = ""]) => ({
    name,
    value,
  }));
  const secret = all.filter(({ value }) => marks.in(value).length > 0);
  const first = secret.length === 0 ? 0 : turn % secret.length;
  return [...secret.slice(first), ...secret.slice(0, first), { name: "request", value: asked.raw }];
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const inLines = (pieces: readonly Piece[]) => pieces.map(({ name, value }) => `${name}: ${value}`).join("\n");
const asObject = (pieces: readonly Piece[]) =>
  JSON.stringify(Object.fromEntries(pieces.map(({ name, value }) => [name, value])));
/** Without the name of its scheme: "Bearer", "Basic", "OAuth". */
const credentialOf = ([first]: readonly Piece[]) => (first?.value ?? "").replace(/^[A-Za-z]+ /, "");

/** The ways in which a request is quoted. */
const FORMS: ((pieces: readonly Piece[]) => string)[] = [
  inLines,
  asObject,
  (pieces) => asObject(pieces).replaceAll("/", String.raw`\/`),
  (pieces) => encodeURIComponent(inLines(pieces)),
  (pieces) => pieces.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("&"),
  (pieces) => `the credential "${credentialOf(pieces)}" is not valid`,
  (pieces) => `the credential "${base64(credentialOf(pieces))}" is not valid`,
  (pieces) => base64(pieces[0]?.value ?? ""),
  (pieces) => base64(inLines(pieces)),
];

/** The request as it is quoted at this turn; turns go through all forms, and through all pieces in each. */
export function quoteOf(asked: Asked, marks: Marks, turn: number): string {
  const write = FORMS[turn % FORMS.length];
  return write === undefined ? "" : write(piecesOf(asked, marks, Math.floor(turn / FORMS.length)));
}

/** How many turns it takes until each piece was quoted in each form; there are three pieces at most. */
export const TURNS = FORMS.length * 3;

/** A header's value holds one line of visible ASCII. */
const inHeader = (quote: string) => quote.replaceAll(/[^ -~]+/g, " ");

/** Answers that help nobody, each with the quote where its vendors say what is wrong. */
export const WRONG: ((quote: string) => Said)[] = [
  (quote) => ({ status: 400, json: { error: true, message: quote } }),
  (quote) => ({ status: 401, json: { error: quote }, headers: { "WWW-Authenticate": inHeader(quote) } }),
  (quote) => ({ status: 403, json: { detail: quote } }),
  (quote) => ({ status: 400, json: { errors: [{ code: 400, msg: quote }] } }),
  (quote) => ({ status: 409, json: { error: { httpCode: 409, message: quote } } }),
  (quote) => ({ status: 422, json: { message: { base: [quote] } } }),
  (quote) => ({ status: 422, json: { [quote]: [quote] } }),
  (quote) => ({ status: 400, json: { status: "error", errorType: "bad_data", error: quote } }),
  (quote) => ({ status: 400, text: quote }),
  (quote) => ({ status: 302, headers: { Location: `https://login.example/?from=${encodeURIComponent(quote)}` } }),
  (quote) => ({ status: 307, headers: { Location: inHeader(quote) }, text: quote }),
  (quote) => ({ status: 429, json: { message: quote }, headers: { "Retry-After": inHeader(quote) } }),
  (quote) => ({ status: 500, text: `<html><pre>${quote}</pre></html>`, headers: { "X-Request": inHeader(quote) } }),
  (quote) => ({ status: 200, json: { [quote]: quote, id: quote, data: { resultType: quote } } }),
  (quote) => ({ status: 200, text: quote }),
];
