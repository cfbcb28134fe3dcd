// The index: it comes to show what the incidents keep, whatever gets lost or comes late on the way.
import type { Law } from "./law.ts";

const is_behind_no_more: Law = {
  says: "in the end the index has each incident and each run as its incident keeps it, and nothing that is forgotten",
  watch: () => (fact) => {
    if (fact.kind !== "compared" || fact.differs === null) return null;
    return `${fact.incident_id}: ${fact.differs}`;
  },
};

export const LAWS_OF_INDEX: readonly Law[] = [is_behind_no_more];
