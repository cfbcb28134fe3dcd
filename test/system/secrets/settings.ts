// Every secret setting that there is, by name: the receiver's own as config.ts reads them, and those that the playbook's
// connectors declare. A new connector is found by itself.

import { readFileSync } from "node:fs";
import type { Connector } from "../../../src/actions/connector.ts";
import { playbook } from "../../../src/playbook.ts";
import type { Marks } from "./marks.ts";

export type Settings = Record<string, string>;

/** Characters that encodings change, before the mark of each credential. */
const NASTY = String.raw`x"\/+=%`;

/** The receiver's own. */
export const OWN: readonly string[] = namesIn(readFileSync(new URL("../../../src/config.ts", import.meta.url), "utf8"));

function namesIn(config: string): string[] {
  return [...config.matchAll(/\btoken\("([A-Z_]+)"/g)].flatMap(([, name]) => name ?? []);
}

interface Declared {
  name: string;
  connectors: readonly Connector[];
  /** It changes something at its target. */
  acts: boolean;
}

/** The playbook's actions, each with its connectors in order. */
export const ACTIONS: readonly Declared[] = Object.entries(playbook.actions).map(
  ([name, { connectors, informational }]) => ({ name, connectors, acts: !informational }),
);

const declared = ACTIONS.flatMap(({ connectors }) => connectors.flatMap(({ settings }) => settings));
/** Of the connectors, those that hold a credential. */
export const CREDENTIALS: readonly string[] = namesOf("secret").filter((name) => !OWN.includes(name));
/** Of the connectors, addresses that are secrets themselves. */
export const SECRET_ADDRESSES: readonly string[] = namesOf("secret_url");
/** Of the connectors, addresses that are none. */
export const ADDRESSES: readonly string[] = namesOf("url");

function namesOf(kind: (typeof declared)[number]["kind"]): string[] {
  return [...new Set(declared.filter((setting) => setting.kind === kind).map(({ name }) => name))];
}

/** Beside those of Access, which always are: credentials that are a name and a secret. Jenkins' must be, others can. */
const PAIRS = ["JENKINS_TOKEN", "PROMETHEUS_TOKEN", "JAEGER_TOKEN"];

/** All of them, marked. `base`: where a secret address begins, by its name. */
export function marked(marks: Marks, base: (name: string) => string): Settings {
  const credential = (name: string): string => {
    const is_pair = name.endsWith("_ACCESS") || PAIRS.includes(name);
    return `${is_pair ? "a-name-that-is-no-secret:" : ""}${NASTY}${marks.of(name)}`;
  };
  const address = (name: string) => {
    const key = encodeURIComponent(NASTY + marks.of(`${name} (query)`));
    return `${base(name)}/hooks/${marks.of(`${name} (path)`)}?key=${key}`;
  };
  return {
    ...Object.fromEntries(OWN.map((name): [string, string] => [name, `${NASTY}${marks.of(name)}`])),
    ...Object.fromEntries(CREDENTIALS.map((name): [string, string] => [name, credential(name)])),
    ...Object.fromEntries(SECRET_ADDRESSES.map((name): [string, string] => [name, address(name)])),
  };
}

/** A connector of a round, with the prefixes of the systems that it calls. */
export interface Chosen {
  action: string;
  acts: boolean;
  connector: Connector;
  prefixes: readonly string[];
}

const prefixIn = (address: string) => address.replace(/_URL$/, "");
const addressesOf = ({ settings }: Connector) =>
  settings.filter(({ kind }) => kind === "url" || kind === "secret_url").map(({ name }) => name);

/** One connector of each action, by its place there; those that call no system of their own are left out. */
export function roundOf(round: number): Chosen[] {
  return ACTIONS.flatMap(({ name, connectors, acts }) => {
    const connector = connectors[round];
    const prefixes = connector === undefined ? [] : addressesOf(connector).map(prefixIn);
    return connector === undefined || prefixes.length === 0 ? [] : [{ action: name, acts, connector, prefixes }];
  });
}

/** The names of jobs, pages and the like, where a number would not do. */
const TEXTS: Settings = {
  JENKINS_RESTART_JOB: "restart",
  GITHUB_ROLLBACK_WORKFLOW: "acme/shop/rollback.yml",
  GITLAB_ROLLBACK_PROJECT: "acme/shop",
  JAEGER_LINK: "https://page.example/{trace_id}",
  TEMPO_LINK: "https://page.example/{trace_id}",
};

/** All secrets, and what else the connectors of the round need; those before them in their actions are not to be ready. */
export function settingsFor(round: number, systems: Readonly<Record<string, { url: string }>>, marks: Marks): Settings {
  const early = new Set(ACTIONS.flatMap(({ connectors }) => connectors.slice(0, round).flatMap(addressesOf)));
  const addressOf = (name: string) => systems[prefixIn(name)]?.url ?? "https://nobody.example";
  const secrets = Object.entries(marked(marks, addressOf)).filter(([name]) => !early.has(name));
  const others = roundOf(round).flatMap(({ connector }) =>
    connector.settings.flatMap(({ name, kind, default: usual }): [string, string][] => {
      if (kind === "url") return [[name, addressOf(name)]];
      return kind === "text" && usual === undefined ? [[name, TEXTS[name] ?? "7"]] : [];
    }),
  );
  return Object.fromEntries([...secrets, ...others]);
}

/** The same settings, set and malformed. */
export function wrong(marks: Marks, settings: Connector["settings"]): Settings {
  const malformed = (name: string, kind: Connector["settings"][number]["kind"]): string => {
    if (kind === "secret") return `${marks.of(name)} é`;
    if (kind === "secret_url") return `ftp://host.example/${marks.of(name)}`;
    return kind === "url" ? `https://user:${marks.of(name)}@host.example` : "two\tcolumns";
  };
  return Object.fromEntries(
    settings.flatMap(({ name, kind }): [string, string][] =>
      kind === "service" ? [] : [[name, malformed(name, kind)]],
    ),
  );
}
