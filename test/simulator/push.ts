// `npm run push`: one push to any receiver, as Flashduty would send it. For the person who has just deployed and wants to
// know whether token, address and source are right before a real incident tells them. Prints what went out and what came
// back, never the token; ends with 0 only where Flashduty itself would call the push delivered.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import { actionBody, incidentBody } from "./push-body.ts";
import { createSender, published_source } from "./sender.ts";
import type { IncidentFacts, Severity } from "./push-body.ts";
import type { Delivery, Fault, Sendable } from "./sender.ts";

const help = `Sends one push to a receiver, the way Flashduty does: POST, two seconds, only 200 counts.

  npm run push -- --type i_new
  npm run push -- --action restart-host --host es.nj.01
  npm run push -- --url https://flashduty.example.com --action rollback --query dc=nj

Where it goes
  --url URL           the receiver (default http://127.0.0.1:8787)
  --action NAME       press a button: sent to /webhooks/action/NAME; without it, to /webhooks/incident
  --query NAME=VALUE  add this to the address; may be given several times
  --token TOKEN       sent as "Authorization: Bearer TOKEN" (default: WEBHOOK_TOKEN of the environment,
                      then of .dev.vars in this folder)
  --source IP         the address it seems to come from (default ${published_source}). Only a local receiver
                      believes it: in front of a deployed one, Cloudflare writes your own address instead

What it says
  --type TYPE         i_new (default), i_ack, i_rslv …; with --action it is always i_custom
  --incident ID       incident id (default 6551f3888713372ad1054d57)
  --event-id ID       event id (default: a new one each time; give it twice to see a repetition recognised)
  --host NAME         the label "resource" (default es.nj.01)
  --severity LEVEL    Critical (default), Warning or Info
  --file PATH         send this file as it is, instead of all of the above

How long it waits
  --deadline-ms N     milliseconds for an answer (default 2000, as Flashduty's)

Ends with 0 where the push was delivered, 1 where it was not, 2 where the arguments are wrong.
`;

const option_kinds = {
  url: { type: "string", default: "http://127.0.0.1:8787" },
  action: { type: "string" },
  query: { type: "string", multiple: true },
  token: { type: "string" },
  source: { type: "string", default: published_source },
  type: { type: "string" },
  incident: { type: "string", default: "6551f3888713372ad1054d57" },
  "event-id": { type: "string" },
  host: { type: "string" },
  severity: { type: "string", default: "Critical" },
  file: { type: "string" },
  "deadline-ms": { type: "string", default: "2000" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Something the person who called can put right. */
class WrongArguments extends Error {}

function readOptions(args: string[]) {
  try {
    return parseArgs({ args, options: option_kinds }).values;
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}

type Options = ReturnType<typeof readOptions>;

function severityOf(text: string): Severity {
  if (text === "Critical" || text === "Warning" || text === "Info") return text;
  throw new WrongArguments(`--severity is Critical, Warning or Info, not "${text}"`);
}

function receiverOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new WrongArguments(`--url is an address like https://flashduty.example.com, not "${text}"`);
  }
  return text;
}

function deadlineOf(text: string): number {
  const deadline_ms = Number(text);
  if (Number.isInteger(deadline_ms) && deadline_ms > 0 && deadline_ms <= 600_000) return deadline_ms;
  throw new WrongArguments(`--deadline-ms is a whole number of milliseconds, not "${text}"`);
}

function addressOf({ action, query }: Options): string {
  const parameters = new URLSearchParams();
  for (const pair of query ?? []) {
    const [name, ...value] = pair.split("=");
    if (!name || value.length === 0) throw new WrongArguments(`--query is NAME=VALUE, not "${pair}"`);
    parameters.append(name, value.join("="));
  }
  const path = action === undefined ? "incident" : `action/${encodeURIComponent(action)}`;
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new WrongArguments(`--file: cannot read "${path}"`);
  }
}

function tokenOf(given: string | undefined): string | undefined {
  if (given !== undefined) return given;
  if (process.env["WEBHOOK_TOKEN"]) return process.env["WEBHOOK_TOKEN"];
  try {
    return parseEnv(readFileSync(".dev.vars", "utf8"))["WEBHOOK_TOKEN"];
  } catch {
    return undefined;
  }
}

function bodyOf(options: Options): unknown {
  if (options.file !== undefined) return fileText(options.file);
  if (options.action !== undefined && (options.type ?? "i_custom") !== "i_custom") {
    throw new WrongArguments(`--type with --action is always i_custom, not "${options.type}"`);
  }
  const facts: Omit<IncidentFacts, "event_type"> = {
    incident: options.incident,
    event_id: options["event-id"] ?? randomUUID().replaceAll("-", ""),
    at_ms: Date.now(),
    severity: severityOf(options.severity),
    ...(options.host !== undefined && { host: options.host }),
  };
  return options.action === undefined
    ? incidentBody({ ...facts, event_type: options.type ?? "i_new" })
    : actionBody(facts);
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "(none)";
}

const fault_texts: Record<Fault, string> = {
  deadline_awaiting_headers: "no answer within the deadline. Flashduty does not send again after this",
  deadline: "the answer had begun, but was not complete within the deadline",
  io_timeout: "no connection within the deadline, or the push could not be written",
  eof: "the connection was closed before the answer was complete",
  refused: "nobody listens at that address, or its name is unknown",
  broken: "the connection was broken off, or the answer is not HTTP",
};

function describe(push: Sendable, url: string, token: string | undefined, delivery: Delivery): string {
  const body = typeof push.body === "string" ? parsed(push.body) : push.body;
  const incident = member(body, "incident");
  const answer = parsed(delivery.body);
  const whole_answer = answer === undefined ? delivery.body.slice(0, 2_000) : JSON.stringify(answer, null, 2);
  const lines = [
    `sent to      ${url.replace(/\/+$/, "")}/webhooks/${push.address}${token === undefined ? "  (without a token)" : ""}`,
    `event_id     ${shown(member(body, "event_id") ?? member(incident, "event_id"))}`,
    `incident_id  ${shown(member(incident, "incident_id"))}`,
    `status       ${delivery.status ?? "none"}${delivery.fault === null ? "" : `: ${fault_texts[delivery.fault]}`}`,
    `took         ${Math.round(delivery.elapsed_ms)} ms${delivery.attempts > 1 ? `, ${delivery.attempts} attempts` : ""}`,
    delivery.delivered ? "delivered    yes" : "delivered    no: Flashduty would call this push failed",
    ...(whole_answer === "" ? [] : ["", whole_answer]),
  ];
  const text = lines.join("\n");
  return token ? text.replaceAll(token, "<token>") : text;
}

async function push(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  const url = receiverOf(options.url);
  const token = tokenOf(options.token);
  const sendable: Sendable = { address: addressOf(options), body: bodyOf(options) };
  const sender = createSender({
    url,
    source: options.source,
    deadline_ms: deadlineOf(options["deadline-ms"]),
    ...(token !== undefined && { token }),
  });
  const delivery = await sender.send(sendable);
  sender.close();
  process.stdout.write(`${describe(sendable, url, token, delivery)}\n`);
  return delivery.delivered ? 0 : 1;
}

try {
  process.exitCode = await push(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof WrongArguments)) throw error;
  process.stderr.write(`${error.message}\nnpm run push -- --help tells more.\n`);
  process.exitCode = 2;
}
