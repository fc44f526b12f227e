import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** The written style, held by a test: see docs/ARCHITECTURE.md. */
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" }).split("\0").filter((path) => path !== "" && existsSync(path));
const isCode = (path: string): boolean => /\.tsx?$/.test(path) && !path.endsWith(".d.ts");
const isTest = (path: string): boolean => path.startsWith("test/") || /\.test\.tsx?$/.test(path) || path.includes("/testing/");
const code = files.filter(isCode);
const read = (path: string): string => readFileSync(path, "utf8");

const LINES_MAX = 400;
const ENTRY_POINTS = [/^services\/cli\/src\/main\.ts$/, /^test\//, /\.config\.ts$/, /\/src\/index\.ts$/, /\/web\/src\/main\.tsx$/, /^libs\/sdk\/src\/(register|locals-worker)\.ts$/, /^services\/cli\/src\/commands\//];

describe("the house", () => {
  it("keeps its files short", () => {
    const long = code.filter((path) => !isTest(path)).filter((path) => read(path).split("\n").length > LINES_MAX);
    expect(long).toEqual([]);
  });

  it("leaves nothing half done", () => {
    // Written so that this file does not hold the words themselves.
    const words = /\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b/;
    expect(code.filter((path) => words.test(read(path)))).toEqual([]);
  });

  it("has no file that nobody imports", () => {
    const imported = new Set(code.flatMap((path) => [...read(path).matchAll(/(?:from|import|new URL)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)].map((match) => normalize(join(dirname(path), match[1] ?? "")))));
    // A package's entries are imported by the package's name.
    const packages = files.filter((path) => path.endsWith("package.json"));
    for (const path of packages) for (const entry of Object.values((JSON.parse(read(path)) as { exports?: Readonly<Record<string, unknown>> }).exports ?? {})) if (typeof entry === "string") imported.add(normalize(join(dirname(path), entry)));
    const dead = code.filter((path) => !isTest(path) && !ENTRY_POINTS.some((entry) => entry.test(path)) && !imported.has(path) && !imported.has(path.replace(/\.tsx?$/, "")));
    expect(dead).toEqual([]);
  });

  it("tests every lib and service beside its code", () => {
    const homes = [...new Set(code.map((path) => /^((?:libs|services(?:\/console)?)\/[^/]+)\/src\//.exec(path)?.[1]).filter((home) => home !== undefined))];
    const untested = homes.filter((home) => !code.some((path) => path.startsWith(`${home}/`) && /\.test\.tsx?$/.test(path)) && home !== "services/console/web" && home !== "services/cli");
    expect(untested).toEqual([]);
  });

  it("numbers and titles every decision record", () => {
    const records = files.filter((path) => path.startsWith("docs/adr/"));
    expect(records.length).toBeGreaterThan(0);
    for (const path of records) {
      expect(path).toMatch(/^docs\/adr\/\d{3}-[a-z0-9-]+\.md$/);
      for (const heading of ["Status", "Context", "Decision", "Consequences"]) expect(read(path), path).toContain(`## ${heading}`);
    }
  });

  it("names no path that does not exist in its documents", () => {
    const documents = files.filter((path) => path.endsWith(".md") && !path.startsWith("test/demo/"));
    const broken = documents.flatMap((path) => [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => ({ path, to: normalize(join(dirname(path), match[1] ?? "")) })).filter(({ to }) => !existsSync(to)));
    expect(broken).toEqual([]);
  });
});
