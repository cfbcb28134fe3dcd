// Who looks at a page, and how it is shown to them: in the language their browser asks for, and in the time zone that
// Cloudflare sees them in.
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import type { Language } from "../../domain/report.ts";
import type { Who } from "../who.ts";
import { zoneOr } from "./moment.ts";
import { words, type Words } from "./words.ts";

export interface Viewer {
  language: Language;
  /** A time zone's name, `Asia/Shanghai`. */
  zone: string;
  /** Milliseconds. */
  now: number;
  /** Null where nobody has logged in. */
  who: Who | null;
  /** Of the page that is shown, below the origin: `/admin/runs`. */
  path: string;
}

/** `who` is null on the pages for those who have not logged in. */
export function viewerOf(c: Context, who: Who | null): Viewer {
  return { language: languageOf(c), zone: zoneOr(c.req.raw.cf?.timezone), now: Date.now(), who, path: c.req.path };
}

/** In the viewer's language. */
export function say({ language }: Pick<Viewer, "language">): Words {
  return words[language];
}

/** The first of those that the browser wants and that there is: `zh-CN` is Chinese. */
function languageOf(c: Context): Language {
  const language = accepts(c, {
    header: "Accept-Language",
    supports: Object.keys(words),
    default: "en",
    match: (wanted, { supports, default: other }) =>
      wanted
        .filter(({ q }) => q > 0)
        .map(({ type }) => type.toLowerCase().replace(/-.*/s, ""))
        .find((language) => supports.includes(language)) ?? other,
  });
  return language === "zh" ? "zh" : "en";
}
