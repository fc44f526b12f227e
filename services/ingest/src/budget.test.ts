import { expect, it } from "vitest";
import { Budget, Gate } from "./budget.ts";

it("refuses what does not fit, and takes it once others are through", () => {
  const budget = new Budget(100, 10);
  const [first, second] = [budget.share(), budget.share()];
  first.grow(60);
  expect(() => second.grow(41)).toThrow(expect.objectContaining({ code: "ingest.full", retryable: true }));
  second.grow(40);
  first.release();
  first.release();
  expect(budget.used).toBe(40);
});

it("bounds the requests as well, however small they are", () => {
  const budget = new Budget(100, 2);
  const first = budget.share();
  budget.share();
  expect(() => budget.share()).toThrow(expect.objectContaining({ code: "ingest.full" }));
  first.release();
  first.release();
  budget.share();
  expect(() => budget.share()).toThrow();
});

it("lets so many tasks run at once and no more, also when some fail", async () => {
  const gate = new Gate(2);
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 20 }, (_, index) =>
    gate.run(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      if (index % 3 === 0) throw new Error("no");
    }),
  );
  expect((await Promise.allSettled(tasks)).filter((task) => task.status === "rejected")).toHaveLength(7);
  expect([most, running]).toEqual([2, 0]);
});
