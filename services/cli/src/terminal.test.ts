import { describe, expect, it } from "vitest";
import { jsonText, steerless, visible } from "./terminal.ts";

// A control of each kind: C0, delete, C1, the direction's turn, a line's separator, and one beyond 16 bits.
const HOSTILE = "a\u001b[31m\n\u007f\u009b31m\u202eb\u2028\u{e0001}é漢";

describe("what strangers wrote", () => {
  it("does not steer a terminal as text", () => {
    expect(visible(HOSTILE)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("does not as JSON either, which says the same", () => {
    const text = jsonText({ [HOSTILE]: [HOSTILE, 1, 2n ** 60n] }, 0);
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(text).toContain("é漢");
    expect(JSON.parse(text)).toEqual({ [HOSTILE]: [HOSTILE, 1, "1152921504606846976"] });
  });

  it("does not in a table or a file for programs that a terminal shows; a file has it as it is", () => {
    const csv = "a,b\r\n1\u001b[31m,\u009b\u202e\r2\t\r\n";
    expect(steerless(csv, true)).toBe("a,b\r\n1\\u001b[31m,\\u009b\\u202e\\u000d2\t\r\n");
    expect(steerless(csv, false)).toBe(csv);
    // What keeps a name in Markdown from calling somebody stays.
    expect(steerless("@\u200bada\n", true)).toBe("@\u200bada\n");
  });
});
