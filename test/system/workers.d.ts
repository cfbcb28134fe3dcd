// What parts of the Worker that are played in Node name of the runtime's types.
type Env = object;
type Fetcher = { fetch: typeof fetch };
