import { describe, expect, it } from "vitest";
import { Budget } from "./budget.ts";
import { readSettings } from "./settings.ts";

describe("a budget", () => {
  it("grants each key its number per second", () => {
    let now = 5_000;
    const budget = new Budget(2, () => now);
    expect([budget.take("a"), budget.take("a"), budget.take("a"), budget.take("b")]).toEqual([true, true, false, true]);
    now = 6_000;
    expect(budget.take("a")).toBe(true);
  });

  it("of zero grants nothing, and keys without number do not grow its memory", () => {
    expect(new Budget(0).take("a")).toBe(false);
    const budget = new Budget(1, () => 0);
    const granted = Array.from({ length: 5_000 }, (_, index) => budget.take(String(index))).filter(Boolean);
    expect(granted).toHaveLength(1_000);
  });
});

describe("settings", () => {
  it("have defaults, and switches that turn everything off", () => {
    expect(readSettings({})).toMatchObject({ disabled: false, captureRequests: 5, captureLocals: 5, captureCaught: true, captureFatal: true });
    expect(readSettings({ OTEL_SDK_DISABLED: "true" }).disabled).toBe(true);
    expect(readSettings({ FIRSTFIX_CAPTURE_REQUESTS: "0", FIRSTFIX_CAPTURE_LOCALS: "off", FIRSTFIX_CAPTURE_FATAL: "0" }))
      .toMatchObject({ captureRequests: 0, captureLocals: 0, captureFatal: false });
  });

  it("take the default for what they do not understand", () => {
    expect(readSettings({ FIRSTFIX_CAPTURE_REQUESTS: "-3", FIRSTFIX_FLUSH_MS: "soon", FIRSTFIX_REDACT: " a, ,b " }))
      .toMatchObject({ captureRequests: 5, flushMs: 3_000, redact: ["a", "b"] });
  });
});
