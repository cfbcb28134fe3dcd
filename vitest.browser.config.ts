// Tests of the admin's page in a real browser: `npm run test:browser`. They need Debian's chromium, and `npm test` does not.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    fileParallelism: false,
  },
});
