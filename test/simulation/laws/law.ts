// A law: what must be true in every history. It watches the facts, one after the other, and says how it was broken.
import type { Fact } from "../fact.ts";
import type { Story } from "../story.ts";

export interface Law {
  /** What must be true, in one sentence. */
  says: string;
  /** Begins to watch a history. Of each fact it is told after the story was; what it returns is how the law was broken. */
  watch: (story: Story) => (fact: Fact) => string | null;
}
