// The vendor's description is not part of the project: its text is the vendor's. Where it lies next to the checkout,
// tests hold calls against it; elsewhere they go without.

import { existsSync, readFileSync } from "node:fs";
import { contractOf } from "./contract.ts";
import type { Contract } from "./contract.ts";

const beside_the_checkout = new URL("../../../shared/flashduty/openapi.json", import.meta.url);

/** The vendor's description, as the value of its JSON; null where it is not there. */
export function description(): unknown {
  return existsSync(beside_the_checkout) ? JSON.parse(readFileSync(beside_the_checkout, "utf8")) : null;
}

/** The contract that the vendor's description makes; null where it is not there. */
export function contractFromFile(): Contract | null {
  const openapi_json = description();
  return openapi_json === null ? null : contractOf(openapi_json);
}
