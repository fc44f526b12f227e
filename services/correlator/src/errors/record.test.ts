import { describe, expect, it } from "vitest";
import { mapFrames, parseStack } from "@firstfix/incident";
import { groupException, recordErrors, type ExceptionRow } from "./record.ts";

const row = (fields: Partial<ExceptionRow>): ExceptionRow => ({
  time: "2026-03-01 08:00:00.000000001", source: "span", trace_hex: "t1", span_hex: "s1", service: "shop", environment: "production", revision: "r", repository: "u",
  operation: "POST /", type: "TypeError", message: "boom", stacktrace: "TypeError: boom\n    at f (/app/src/a.js:3:1)", fingerprint: "", ...fields,
});
const record = (...rows: ExceptionRow[]) => recordErrors(rows, (one) => groupException(one, mapFrames(parseStack(one.stacktrace), { paths: ["src/a.js"] })));

describe("recordErrors", () => {
  it("counts an exception once per trace, however often it was recorded", () => {
    const errors = record(row({ source: "log", operation: "", time: "2026-03-01 07:59:59" }), row({ span_hex: "s2", time: "2026-03-01 08:00:01" }), row({}));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ span_hex: "s1", operation: "POST /", file: "src/a.js", function: "f", line: 3 });
    expect(errors[0]).not.toHaveProperty("source");
  });

  it("keeps apart other traces, services and groups, and what has no trace by its time", () => {
    expect(record(row({}), row({ trace_hex: "t2" }), row({ service: "other" }), row({ type: "RangeError" }))).toHaveLength(4);
    expect(record(row({ trace_hex: "" }), row({ trace_hex: "", time: "2026-03-01 08:00:02" }), row({ trace_hex: "" }))).toHaveLength(2);
  });

  it("gives the same ids for the same rows in any order", () => {
    const rows = [row({}), row({ trace_hex: "t2" }), row({ source: "log", span_hex: "s9" })];
    const ids = (some: ExceptionRow[]): string[] => record(...some).map((one) => `${one.error_id} ${one.span_hex}`).sort();
    expect(ids(rows)).toEqual(ids(rows.toReversed()));
  });
});
