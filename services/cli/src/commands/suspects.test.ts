import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const CLI = fileURLToPath(new URL("../../firstfix.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "firstfix-suspects-"));
const git = (input: string, ...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "-C", folder, ...args], { encoding: "utf8", input }).trim();
const CART = "export function cartOf(body) {\n  const items = body.items ?? [];\n  return items.map((item) => item.sku);\n}\n";

function commit(message: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  git("", "add", ".");
  git(message, "commit", "-q", "-F", "-");
  return git("", "rev-parse", "HEAD");
}

let good = "";
let guilty = "";
beforeAll(() => {
  git("", "init", "-q", "-b", "main");
  good = commit("Start", { "cart.js": CART, "other.js": "export const other = 1;\n" });
  guilty = commit("Trust the \u001b[31mbody", { "cart.js": CART.replace(" ?? []", "") });
  commit("Elsewhere", { "other.js": "export const other = two();\n" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STACK = "TypeError: Cannot read properties of undefined (reading 'map')\n    at cartOf (/app/cart.js:3:16)\n";
const ask = (stack: string, ...args: string[]): { readonly stdout: string; readonly stderr: string; readonly status: number | null } => spawnSync(process.execPath, [CLI, "suspects", "--repo", folder, "--good", good, "--bad", "main", "--stack", "-", ...args], { encoding: "utf8", input: stack });

describe("firstfix suspects", () => {
  it("names the commit behind a stack trace, with the parts of its score, and lets no control character through", () => {
    const { stdout, status } = ask(STACK);
    expect(status).toBe(0);
    expect(stdout).toContain("at cartOf cart.js:3");
    expect(stdout).toMatch(/The first one is the guilty one with \d+% confidence\./);
    expect(stdout).toMatch(new RegExp(` 1 {2}${guilty.slice(0, 10)} {2}0\\.\\d\\d {2}Trust the \\\\u001b\\[31mbody`));
    expect(stdout).toMatch(/\+0\.\d\d {2}Removes a line in the same function as cartOf at cart\.js:3\./);
    expect(stdout).not.toContain("\u001b");
  });

  it("gives the same as JSON", () => {
    const answer = JSON.parse(ask(STACK, "--json").stdout) as { readonly abstained: string | null; readonly confidence: number; readonly suspects: readonly { readonly commit: { readonly id: string }; readonly score: number }[] };
    expect(answer).toMatchObject({ abstained: null, suspects: [{ commit: { id: guilty } }] });
    expect(answer.confidence).toBeGreaterThan(0.5);
  });

  it("names nobody where no frame is a file of the repository, and says so", () => {
    const { stdout } = ask("TypeError: Cannot read properties of undefined (reading 'nothing')\n    at elsewhere (/app/unknown.js:3:16)\n");
    expect(stdout).toContain("No suspect is named:");
    expect(stdout).toContain("No frame of the stack is a file of the repository at this revision.");
  });

  it("refuses a score that is none", () => {
    const { stderr, status } = ask(STACK, "--score-min", "7");
    expect([status === 0, stderr.includes("--score-min 7")]).toEqual([false, true]);
  });
});
