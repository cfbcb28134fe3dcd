// A kind of request that a system is asked, and the least that it has to answer so that its connector goes on; wherever the
// real one would have a text, it has the quote. The contracts are named in the connectors' own tests.

import type { Asked, Said } from "../../simulator/system.ts";

/** One kind of request, and the good answer to it. */
export interface Kind {
  name: string;
  is: (asked: Asked) => boolean;
  /** The number is that of the request; the quote may stand wherever the vendor has a text. */
  well: (quote: string, asked: Asked, number: number) => Said;
  /** Looks at what was started before. */
  is_look?: true;
  /** Only made after others have gone wrong in a certain way, and so not to be waited for. */
  is_rare?: true;
}

export const ok = (json: unknown): Said => ({ status: 200, json });

export function asked(method: string, path: RegExp): Kind["is"] {
  return (request) => request.method === method && path.test(request.path);
}

/** The address of a page whose path quotes. */
export const page = (quote: string) => `https://page.example/${encodeURIComponent(quote)}`;

/** As these systems write a time. */
export const now = () => `${new Date().toISOString().slice(0, 19)}Z`;
