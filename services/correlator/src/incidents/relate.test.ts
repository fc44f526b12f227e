import { describe, expect, it } from "vitest";
import { belongTogether, type Together } from "./relate.ts";

const together = (fields: Partial<Together>): Together => ({ tracesMine: 0, tracesOther: 0, traces: 0, spansMine: 0, spansOther: 0, spans: 0, ...fields });

describe("belongTogether", () => {
  it("joins a violation to the error that nearly all its traces have", () => {
    expect(belongTogether("violation", "error", together({ tracesMine: 5, tracesOther: 50, traces: 5 }))).toBe(true);
    expect(belongTogether("error", "violation", together({ tracesMine: 50, tracesOther: 5, traces: 4 }))).toBe(true);
  });
  it("keeps a violation that mostly occurs without the error apart", () => {
    expect(belongTogether("violation", "error", together({ tracesMine: 10, tracesOther: 3, traces: 3 }))).toBe(false);
    expect(belongTogether("violation", "error", together({ tracesMine: 1, tracesOther: 1 }))).toBe(false);
  });
  it("joins two of a kind only on the same spans, and not by one chance", () => {
    expect(belongTogether("violation", "violation", together({ tracesMine: 1, tracesOther: 1, traces: 1, spansMine: 1, spansOther: 1, spans: 1 }))).toBe(false);
    expect(belongTogether("error", "error", together({ tracesMine: 9, tracesOther: 9, traces: 9, spansMine: 9, spansOther: 9 }))).toBe(false);
    expect(belongTogether("error", "error", together({ tracesMine: 9, tracesOther: 10, traces: 9, spansMine: 9, spansOther: 10, spans: 9 }))).toBe(true);
  });
});
