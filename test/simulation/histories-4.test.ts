import { expect, it } from "vitest";
import { playShard } from "./shard.ts";

it("keeps every law, in histories 4 of 4", async () => {
  await expect(playShard(4)).resolves.toBeUndefined();
});
