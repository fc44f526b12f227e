import { FirstfixError } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { CHECK_MS, Health } from "./health.ts";

describe("health", () => {
  it("is not ready with nothing, nor while a part is starting", async () => {
    const health = new Health();
    expect((await health.report()).ready).toBe(false);
    health.set("writer", "starting");
    expect(await health.report()).toEqual({ ready: false, parts: [{ part: "writer", state: "starting" }] });
    health.set("writer", "ok");
    expect((await health.report()).ready).toBe(true);
  });

  it("names the reason and the hint of a part that fails, and is ready again by itself", async () => {
    const health = new Health();
    let away = true;
    health.watch("bus", async () => {
      if (away) throw new FirstfixError("bus.unavailable", "no broker answers", { retryable: true, hint: "Start one." });
    });
    expect(await health.report()).toEqual({ ready: false, parts: [{ part: "bus", state: "failed", reason: "no broker answers", hint: "Start one." }] });
    away = false;
    health.set("writer", "ok");
    expect((await health.report()).ready).toBe(true);
  });

  it("does not wait for a check that hangs", async () => {
    const health = new Health();
    health.watch("store", () => new Promise(() => undefined));
    const start = performance.now();
    expect((await health.report()).parts).toEqual([{ part: "store", state: "failed", reason: `no answer within ${CHECK_MS / 1000} s` }]);
    expect(performance.now() - start).toBeLessThan(CHECK_MS * 3);
  });

  it("asks once for many probes at a time", async () => {
    const health = new Health();
    let asked = 0;
    health.watch("bus", async () => {
      asked += 1;
    });
    await Promise.all(Array.from({ length: 20 }, () => health.report()));
    expect(asked).toBe(1);
  });

  it("is not ready while everything is being stopped", async () => {
    const health = new Health();
    health.watch("bus", () => Promise.resolve());
    health.stop();
    expect(await health.report()).toEqual({ ready: false, parts: [{ part: "bus", state: "stopping" }] });
  });
});
