// What `npm run playbook` is asked.

import { parseArgs } from "node:util";

/** A push to look at. */
export interface PushInput {
  /** Holds its body. */
  file: string;
  /** The action whose button's address it comes to; null for the incident webhook's. */
  action: string | null;
  /** What the button's address carries. */
  query: URLSearchParams;
  /** When it arrives, in milliseconds. */
  at: number;
}

export interface Input {
  help: boolean;
  /** Only what is wrong, whatever the environment holds: for `npm run check`. */
  check: boolean;
  push: PushInput | null;
}

/** What only the one who asked can put right. */
export class WrongInput extends Error {}

export const HELP = `Explains the playbook, finds what is wrong with it, and tells what it would make of a push.

  npm run playbook
  npm run playbook -- push.json
  npm run playbook -- press.json --action restart-host --query dc=nj
  npm run playbook -- push.json --at 2026-11-22T03:00:00+08:00

  push.json           the body of a push, as Flashduty sends it
  --action NAME       it is the press of a button, and comes to /webhooks/action/NAME;
                      without this it comes to /webhooks/incident
  --query NAME=VALUE  what the button's address carries; may be given several times
  --at TIME           when it arrives, with its offset from UTC (default: now)
  --check             tells only what is wrong, and does not look at the environment

Settings are those of this machine: the environment, then .dev.vars, then [vars] in wrangler.toml. Nothing
is run, sent or stored. Ends with 0 where all is well, 1 where the playbook or a setting is wrong, 2 where
the arguments or the push are.
`;

const option_kinds = {
  action: { type: "string" },
  query: { type: "string", multiple: true },
  at: { type: "string" },
  check: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Throws `WrongInput`. */
export function readInput(args: string[], now: number): Input {
  const { values, positionals } = parsed(args);
  const { help, check, query = [] } = values;
  const [file, ...others] = positionals;
  if (others.length > 0) throw new WrongInput(`One push at a time: "${others[0]}" is one too many.`);
  if (file !== undefined) return { help, check, push: pushIn(file, { ...values, query }, now) };
  const about_push = (["action", "at"] as const).find((name) => values[name] !== undefined);
  const lonely = about_push ?? (query.length > 0 ? "query" : undefined);
  if (lonely !== undefined) throw new WrongInput(`--${lonely} is about a push: name the file that holds its body.`);
  return { help, check, push: null };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: option_kinds, allowPositionals: true });
  } catch (error) {
    throw new WrongInput(error instanceof Error ? error.message : String(error));
  }
}

interface Given {
  action?: string | undefined;
  query: string[];
  at?: string | undefined;
}

function pushIn(file: string, { action, query, at }: Given, now: number): PushInput {
  if (action === undefined && query.length > 0)
    throw new WrongInput("--query is what a button's address carries: name its action with --action.");
  const parameters = new URLSearchParams();
  for (const pair of query) {
    const [name = "", ...value] = pair.split("=");
    if (name === "" || value.length === 0) throw new WrongInput(`--query is NAME=VALUE, not "${pair}".`);
    parameters.append(name, value.join("="));
  }
  return { file, action: action ?? null, query: parameters, at: at === undefined ? now : timeIn(at) };
}

/** With its offset: another machine's clock may be in another zone. */
function timeIn(text: string): number {
  const is_whole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = is_whole ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new WrongInput(`--at is a time with its offset from UTC, like 2026-11-22T03:00:00+08:00, not "${text}".`);
  return time;
}
