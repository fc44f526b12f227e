import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { BUBBLEWRAP, describeWith } from "../harness/requires.ts";

const MINUTES_MAX = 4;

/** Runs the demo as the README says, and returns its exit code and the JSON object of its last line. */
function demo(...flags: string[]): { status: number | null; seconds: number; result: Record<string, unknown>; output: string } {
  const start = Date.now();
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "demo", "--", "--headless", ...flags], { encoding: "utf8", timeout: (MINUTES_MAX + 1) * 60_000, maxBuffer: 16 << 20 });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  const result = last.startsWith("{") ? (JSON.parse(last) as Record<string, unknown>) : {};
  return { status, seconds: (Date.now() - start) / 1000, result, output: `${stdout}\n${stderr}` };
}

describeWith(BUBBLEWRAP, "npm run demo -- --headless", () => {
  it("finds, blames, fixes and confirms three faults", { timeout: 360_000 }, () => {
    const { status, seconds, result, output } = demo();
    expect(status, output).toBe(0);
    expect(result).toMatchObject({ incidents: 3, suspectsRight: 3, proposalsVerified: 3, closed: 3, cyclesToFix: [1, 1, 1] });
    expect(output).not.toContain("WITHOUT a sandbox");
    expect(seconds).toBeLessThan(MINUTES_MAX * 60);
  });

  it("does the same through a kill -9, and loses nothing that was acknowledged", { timeout: 360_000 }, () => {
    const { status, result, output } = demo("--crash");
    expect(status, output).toBe(0);
    expect(result).toMatchObject({ incidents: 3, suspectsRight: 3, closed: 3, lost: 0 });
    expect(result["acknowledged"]).toBeGreaterThan(500);
  });
});
