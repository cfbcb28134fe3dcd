// The settings as they are on this machine: what `npm run dev` gives to the Worker, and before it the environment. A setting's
// value is read here, and told nowhere.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unstable_getVarsForDev, unstable_readConfig } from "wrangler";
import * as z from "zod";

export interface Here {
  /** As the runtime would hand them over. */
  env: Env;
  /** Where the value of a setting comes from; undefined where it has none. */
  whence: (name: string) => string | undefined;
}

const project = fileURLToPath(new URL("..", import.meta.url).href);

const Bindings = z.array(z.object({ binding: z.string() })).default([]);
const Configuration = z.object({
  vars: z.record(z.string(), z.json()),
  vpc_services: Bindings,
  services: Bindings,
});
/** What wrangler makes of [vars] and the file beside them. */
const Variables = z.record(z.string(), z.object({ type: z.string(), value: z.json() }));

/** `with_environment`: variables of this process count, before all else. Throws where wrangler.toml cannot be read. */
export function settingsHere(with_environment: boolean): Here {
  const config: unknown = unstable_readConfig({ config: `${project}wrangler.toml` }, { hideWarnings: true });
  const { vars, vpc_services, services } = Configuration.parse(config);
  const read: unknown = unstable_getVarsForDev(`${project}wrangler.toml`, undefined, vars, undefined, true);
  const variables = Variables.parse(read);
  const file = existsSync(`${project}.dev.vars`) ? ".dev.vars" : ".env";
  const environment: Record<string, string | undefined> = with_environment ? process.env : {};
  const values: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value] as const)),
    ...Object.fromEntries([...vpc_services, ...services].map(({ binding }) => [binding, { fetch: nobody }] as const)),
    ...environment,
  };
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the platform's bindings are not here, and who reads settings touches none
    env: values as unknown as Env,
    whence: (name) => {
      const value = values[name];
      if (value === undefined || (typeof value === "string" && value.trim() === "")) return undefined;
      if (environment[name] !== undefined) return "the environment";
      return variables[name]?.type === "secret_text" ? file : "wrangler.toml";
    },
  };
}

/** A private system's service: that it is bound is all that is asked of it. */
async function nobody(): Promise<never> {
  throw new Error("nothing is sent from here");
}
