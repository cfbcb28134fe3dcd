// All laws.
import type { Law } from "./law.ts";
import { LAWS_OF_GUARDS } from "./guards.ts";
import { LAWS_OF_INDEX } from "./index.ts";
import { LAWS_OF_OVERRIDES } from "./overrides.ts";
import { LAWS_OF_PEOPLE } from "./people.ts";
import { LAWS_OF_SKIPS } from "./skips.ts";
import { LAWS_OF_STARTS } from "./starts.ts";

export const LAWS: readonly Law[] = [
  ...LAWS_OF_STARTS,
  ...LAWS_OF_GUARDS,
  ...LAWS_OF_OVERRIDES,
  ...LAWS_OF_SKIPS,
  ...LAWS_OF_PEOPLE,
  ...LAWS_OF_INDEX,
];
