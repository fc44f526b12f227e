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

  it("maps frames and passes over other services' commits as the manifest of the repository says", () => {
    const services = "services:\n  cart:\n    start: node cart.js\n    paths: [cart.js]\n    frames: [{ from: /srv/build/, to: '' }]\n";
    const manifest = commit("Manifest", { ".firstfix.yaml": services });
    const stack = STACK.replaceAll("/app/", "/srv/build/");
    const one = ask(stack, "--bad", manifest).stdout;
    expect([one.includes("at cartOf cart.js:3"), one.includes(guilty.slice(0, 10)), one.includes("Elsewhere")]).toEqual([true, true, false]);
    const several = commit("Two services", { ".firstfix.yaml": `${services}  other:\n    start: node other.js\n    paths: [other.js]\n` });
    expect(ask(stack, "--bad", several).stderr).toContain("names cart, other: say which one failed with --service");
    expect(ask(stack, "--bad", several, "--service", "cart").stdout).toContain(guilty.slice(0, 10));
    expect(ask(stack, "--bad", several, "--service", "other").stdout).not.toContain(guilty.slice(0, 10));
    const unknown = ask(stack, "--bad", several, "--service", "ca\u001bt");
    expect([unknown.status === 0, unknown.stderr.includes(".firstfix.yaml names cart, other")]).toEqual([false, true]);
    const broken = commit("Broken", { ".firstfix.yaml": "services: [" });
    expect(ask(STACK, "--bad", broken)).toMatchObject({ status: 0, stderr: expect.stringContaining("frames are mapped without it") as string });
  });

  it("refuses a score that is none", () => {
    const { stderr, status } = ask(STACK, "--score-min", "7");
    expect([status === 0, stderr.includes("--score-min 7")]).toEqual([false, true]);
  });
});
