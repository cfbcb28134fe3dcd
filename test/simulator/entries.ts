// The receiver with other playbooks than the one that is shipped, for `startRuntime`: entries, from the project's folder.

/** The shipped one, with one rule more. */
export const DEMO = "test/simulator/workers/demo.ts";
/** The shipped one, its actions without guards, and none waiting for another. */
export const UNGUARDED = "test/simulator/workers/unguarded.ts";
/** The actions of guards.test.ts. */
export const GUARDED = "test/simulator/workers/guarded.ts";
