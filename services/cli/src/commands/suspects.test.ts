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
interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}
const askOf = (bad: string, stack: string, ...args: string[]): Answer => spawnSync(process.execPath, [CLI, "suspects", "--repo", folder, "--good", good, "--bad", bad, "--stack", "-", ...args], { encoding: "utf8", input: stack });
const ask = (stack: string, ...args: string[]): Answer => askOf("main", stack, ...args);

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

  it("finds the stack in a log, and says where there is none", () => {
    const logged = STACK.trim().split("\n").map((line) => JSON.stringify({ log: `${line}\n`, stream: "stderr" })).join("\n");
    for (const log of [STACK.replace(/^/gm, "shop-1  | 2026-11-23T05:00:00Z "), logged, `${"GET /health 200\n".repeat(20_000)}${STACK}`]) {
      const { status, stdout } = ask(log, "--json");
      expect([status, (JSON.parse(stdout) as { readonly suspects: readonly { readonly commit: { readonly id: string } }[] }).suspects[0]?.commit.id]).toEqual([0, guilty]);
    }
    expect(ask("GET /health 200\nall is well\n")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^firstfix: --stack -: neither a stack trace nor an error is recognised in it\n {2}hint: /) as string });
    expect(ask("TypeError: Cannot read properties of undefined (reading 'sku')\n").stdout).toContain("It has no stack that is recognised: only names can tie a commit to it.");
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
    const one = askOf(manifest, stack).stdout;
    expect([one.includes("at cartOf cart.js:3"), one.includes(guilty.slice(0, 10)), one.includes("Elsewhere")]).toEqual([true, true, false]);
    const several = commit("Two services", { ".firstfix.yaml": `${services}  other:\n    start: node other.js\n    paths: [other.js]\n` });
    expect(askOf(several, stack).stderr).toContain("names cart, other: say which one failed with --service");
    expect(askOf(several, stack, "--service", "cart").stdout).toContain(guilty.slice(0, 10));
    expect(askOf(several, stack, "--service", "other").stdout).not.toContain(guilty.slice(0, 10));
    const unknown = askOf(several, stack, "--service", "ca\u001bt");
    expect(unknown).toMatchObject({ status: 2, stdout: "", stderr: `firstfix: --service ca\\u001bt: .firstfix.yaml names cart, other at ${several}\n  hint: Give one of these, or leave --service out.\n` });
    expect(askOf(good, stack, "--service", "cart")).toMatchObject({ status: 2, stderr: expect.stringContaining(`there is no .firstfix.yaml at ${good}`) as string });
  });

  it("says what it left out in the JSON as well", () => {
    const warnings = (bad: string, stack = STACK): readonly string[] => (JSON.parse(askOf(bad, stack, "--json").stdout) as { readonly warnings: readonly string[] }).warnings;
    expect(warnings(guilty)).toEqual([]);
    const start = "start: node cart.js\n";
    expect(warnings(commit("Two", { ".firstfix.yaml": `services:\n  a:\n    ${start}  b:\n    ${start}` }))).toEqual([expect.stringMatching(/^\.firstfix\.yaml names a, b: say which one failed with --service/)]);
    const broken = commit("Broken", { ".firstfix.yaml": "services: [" });
    expect(warnings(broken)).toEqual([expect.stringMatching(/^\.firstfix\.yaml is not YAML: .* line 1, column 12; frames are mapped without it\.$/)]);
    expect(askOf(broken, STACK)).toMatchObject({ status: 0, stderr: expect.stringMatching(/^note: \.firstfix\.yaml is not YAML: .*\n$/) as string });
    expect(askOf(broken, STACK, "--service", "a")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^firstfix: \.firstfix\.yaml is not YAML: .*\n {2}hint: .*\n$/) as string });
    expect(warnings(guilty, `${STACK}${"x".repeat(1 << 20)}`)).toEqual(["Only the first 64.0 KiB of the text were read."]);
  });

  it("refuses what is no stack, no number and no revision, each with what to do", () => {
    for (const score of ["7", "abc", "-1", "NaN"]) expect(ask(STACK, "--score-min", score)).toMatchObject({ status: 2, stdout: "", stderr: `firstfix: --score-min ${score} is no number from 0 to 1\n  hint: Such as --score-min 0.35.\n` });
    expect(ask(" \n")).toMatchObject({ status: 2, stderr: expect.stringMatching(/^firstfix: --stack -: standard input is empty\n {2}hint: /) as string });
    const run = (...args: string[]): Answer => spawnSync(process.execPath, [CLI, "suspects", "--repo", folder, ...args], { encoding: "utf8" });
    expect(run("--bad", "main", "--stack", "/nonexistent/stack")).toMatchObject({ status: 2, stderr: expect.stringMatching(/^firstfix: --stack \/nonexistent\/stack cannot be read: .*\n {2}hint: /) as string });
    expect(run("--bad", "main", "--good", "no\u001b[31m", "--stack", "-")).toMatchObject({ status: 1, stderr: expect.stringMatching(/has no revision no\\u001b\[31m \(--good\)\n {2}hint: /) as string });
  });

  it("reads no more of an endless input than it needs", () => {
    // A pipe that never ends: whoever writes is told to stop.
    const endless = spawnSync("sh", ["-c", `yes "$1" | "$2" "$3" suspects --repo "$4" --bad main --stack -`, "sh", "TypeError: x", process.execPath, CLI, folder], { encoding: "utf8", timeout: 20_000 });
    expect([endless.status, endless.stderr.includes("Only the first 16.0 MiB")]).toEqual([0, true]);
  });
});
