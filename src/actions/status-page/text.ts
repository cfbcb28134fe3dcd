// The words on a status page, which everyone may read. They are the playbook's; what it fills in was written by whoever
// writes alerts. So all of it goes out as plain text: what would be markup or a link is shown, and does nothing.
import type { Incident } from "../../flashduty/push.ts";
import { cut } from "../../domain/text.ts";
import type { EntryStatus } from "./decide.ts";

type Template = (context: { incident: Incident }) => string;

export interface Wording {
  /** The entry's title; it stays as it was when the entry was put up. 255 characters at most. */
  title?: Template;
  /** What is said with each status. 4,000 characters at most, and no markup. */
  texts?: Partial<Record<EntryStatus, Template>>;
}

/** Both vendors' limit. */
const MOST_TITLE = 255;
/** Ours: an update is read on a telephone. */
const MOST_TEXT = 4_000;

/** Nothing of the incident: its title may hold the names of hosts. */
const TITLE = "Service disruption";
const TEXTS: Readonly<Record<EntryStatus, string>> = {
  investigating: "We have noticed a problem and are looking into it.",
  identified: "We are working on the problem.",
  monitoring: "The problem should be over. We are keeping an eye on it.",
  resolved: "The problem is over.",
};

/** The title of the incident's entry, on one line. Throws where the playbook's is empty. */
export function titleOf({ title }: Wording, incident: Incident): string {
  const line = disarmed(title?.({ incident }) ?? TITLE).replaceAll(/\s+/g, " ");
  return cut(filled("title", withoutTags(line)), MOST_TITLE);
}

/** What is said with the status, with its markup still in it. Throws where the playbook's is empty. */
export function textOf({ texts }: Wording, status: EntryStatus, incident: Incident): string {
  const text = texts?.[status]?.({ incident }) ?? TEXTS[status];
  return cut(filled(`text for "${status}"`, disarmed(text)), MOST_TEXT);
}

function filled(what: string, text: string): string {
  if (text === "") throw new Error(`the playbook's ${what} of the status page's entry is empty`);
  return text;
}

/** As Markdown that shows the text as it is. */
export function plainMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>|~]/g, String.raw`\$&`)
    .replaceAll(/^[-+=#]/gm, String.raw`\$&`)
    .replaceAll(/^(\d{1,9})([.)])/gm, String.raw`$1\$2`);
}

/** For a page that takes some tags, and perhaps links in brackets: look-alikes instead, for entities show in an SMS. */
export function withoutTags(text: string): string {
  return text.replaceAll("<", "‹").replaceAll(">", "›").replaceAll("](", "] (");
}

/** No control characters, no indented line, and no address that a page would make a link of. */
function disarmed(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[^\P{C}\n]/gu, " ")
    .replaceAll(/^[^\S\n]+/gm, "")
    .replaceAll(/:\/\/(?=\S)/g, ":// ")
    .replaceAll(/(www)\.(?=\S)/gi, "$1. ")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}
