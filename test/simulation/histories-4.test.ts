import { it } from "vitest";
import { playShard } from "./shard.ts";

it("keeps every law, in histories 4 of 4", async () => playShard(4));
