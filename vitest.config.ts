import { defineConfig } from "vitest/config";

// Whole processes on a shared machine: CI gives those tests a second try, a person's run does not.
const retry = process.env["CI"] === undefined ? 0 : 1;

/**
 * Four projects: `unit` (beside the files), `black-box` (real processes, in test/black-box), `faults` (real processes that
 * are done harm, in test/faults) and `web` (a real browser, in test/web). The last three start engines and servers, so
 * their files run one after another.
 */
export default defineConfig({
  test: {
    globalSetup: "test/harness/temporary.ts",
    projects: [
      { test: { name: "unit", include: ["libs/**/*.test.ts", "services/**/*.test.ts", "test/tidy/**/*.test.ts", "test/demo/**/*.test.ts", "test/corpus/**/*.test.ts", "test/bench/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 60_000 } },
      { test: { name: "black-box", include: ["test/black-box/**/*.test.ts", "test/fuzz/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false, retry } },
      // No second try here: a loss that comes once in ten runs is a loss.
      { test: { name: "faults", include: ["test/faults/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 120_000, fileParallelism: false } },
      { test: { name: "web", include: ["test/web/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false, retry } },
    ],
  },
});
