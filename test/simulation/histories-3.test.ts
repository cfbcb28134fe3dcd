import { expect, it } from "vitest";
import { playShard } from "./shard.ts";

it("keeps every law, in histories 3 of 4", async () => {
  await expect(playShard(3)).resolves.toBeUndefined();
});
