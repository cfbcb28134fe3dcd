import { it } from "vitest";
import { playShard } from "./shard.ts";

it("keeps every law, in histories 3 of 4", async () => playShard(3));
