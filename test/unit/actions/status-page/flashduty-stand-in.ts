// The stand-in of Flashduty's Open API behind the client that the receiver uses, with one status page. Where the vendor's
// description lies beside the checkout, every call is held against it.
import * as z from "zod";
import { openApi } from "../../../../src/flashduty/open-api.ts";
import type { Call } from "../../../../src/runs/http.ts";
import type { Contract } from "../../../simulator/contract.ts";
import { createOpenApi } from "../../../simulator/open-api.ts";
import { START } from "../../arbitraries.ts";
import { INCIDENT } from "./incident.ts";

export const APP_KEY = "an-app-key-that-only-tests-use";
export const PAGE_ID = 5750613685214;

/** By a name that the compiler does not follow: the file reads the disk, and this program knows no Node. */
const file: string = "../../../simulator/contract-file.ts"; // relative to this one
const FromFile = z.object({
  contractFromFile: z.custom<() => Contract | null>((value) => typeof value === "function"),
});
const contract = FromFile.parse(await import(/* @vite-ignore */ file)).contractFromFile();

/** `taken`: what the quota says, null where it lets the call go. */
export function flashdutyStandIn({ taken = null }: { taken?: number | null } = {}) {
  const clock = { now_ms: START };
  const api = createOpenApi({ app_key: APP_KEY, now: () => clock.now_ms, limits: false, contract });
  api.add_incident(INCIDENT);
  const components = ["api", "web"].map((component_id) => ({ component_id, name: component_id }));
  api.add_status_page({ page_id: PAGE_ID, components });
  const call: Call = async ({ method, url, headers, body }) => {
    const init = body === undefined ? { method, headers } : { method, headers, body };
    try {
      const response = await api.answer(new Request(url, init));
      return { kind: "answered", status: response.status, headers: response.headers, text: await response.text() };
    } catch {
      return { kind: "silent", reason: "the target could not be reached" };
    }
  };
  const access = { url: "https://api.flashcat.cloud", app_key: APP_KEY };
  return { api, clock, client: openApi(access, call, () => Promise.resolve(taken)) };
}
