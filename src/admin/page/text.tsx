// Text of others in a page's markup: isolated, so that its direction is its own business; cut, so that there is room for the
// rest; and leading only where a browser may safely go.
import { cut } from "../../domain/text.ts";
import { shown } from "./shown.ts";
import { say, type Viewer } from "./viewer.ts";

/** Characters in a line, in a block, and of what a block opens to: a page of megabytes would not open on a phone. */
const MOST_IN_LINE = 120;
const MOST_IN_BLOCK = 400;
const MOST_AT_ALL = 100_000;

/** Text in a line. Where it is cut, a page about it shows the rest. */
export function Text({ text, most = MOST_IN_LINE }: { text: string; most?: number }) {
  return <bdi>{shown(cut(text, most))}</bdi>;
}

/** The same, or null where there is none. */
export function textOf(text: string, most?: number) {
  return text === "" ? null : <Text text={text} {...(most === undefined ? {} : { most })} />;
}

interface Blocked {
  viewer: Viewer;
  text: string;
  most?: number;
  /** What a program wrote: a body, a request. */
  code?: boolean;
}

/** Text with lines of its own; the whole of a long one opens. */
export function Block({ viewer, text, most = MOST_IN_BLOCK, code = false }: Blocked) {
  const lines = (most: number) => <Lines text={cut(text, most)} code={code} />;
  if (text.length <= most) return lines(most);
  const words = say(viewer).text;
  return (
    <>
      {lines(most)}
      <details>
        <summary>{words.whole(text.length)}</summary>
        {lines(MOST_AT_ALL)}
        {text.length > MOST_AT_ALL && <p>{words.too_long(MOST_AT_ALL)}</p>}
      </details>
    </>
  );
}

/** Much of it scrolls by itself, with the keyboard as well. */
function Lines({ text, code }: { text: string; code: boolean }) {
  const is_tall = text.length > SHORT.characters || text.split("\n").length > SHORT.lines;
  const classes = [code ? "" : "prose", is_tall ? "tall" : ""].filter(Boolean).join(" ");
  return (
    <pre dir="auto" class={classes || undefined} tabindex={is_tall ? 0 : undefined}>
      {shown(text, "keep_breaks")}
    </pre>
  );
}

const SHORT = { characters: 500, lines: 12 };

/** What an id or a body is written in. */
export function Code({ text, most = MOST_IN_LINE }: { text: string; most?: number }) {
  return (
    <code>
      <Text text={text} most={most} />
    </code>
  );
}

const MOST_OF_BODY = 4_000;

/** A body as received. */
export function Body({ viewer, text }: Pick<Blocked, "viewer" | "text">) {
  if (text === "") return <p>{say(viewer).text.nothing}</p>;
  return <Block viewer={viewer} text={text} most={MOST_OF_BODY} code />;
}

const MOST_OF_ID = 200;

/** Leads to what the id names. */
export function IdLink({ href, id }: { href: string; id: string }) {
  return (
    <a class="id" href={href}>
      <Text text={id} most={MOST_OF_ID} />
    </a>
  );
}

/** A link of others; only its text where it is no address of the web. */
export function Outward({ url, text = url }: { url: string; text?: string }) {
  const href = webAddress(url);
  if (href === null) return <Text text={text} />;
  return (
    <a href={href} rel="noreferrer noopener">
      <Text text={text} />
    </a>
  );
}

/** As it is called, where it is one of the web's; null for everything else, scripts first of all. */
export function webAddress(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === "https:" || parsed.protocol === "http:") ? parsed.href : null;
}
