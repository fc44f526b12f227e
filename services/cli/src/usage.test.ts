import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProgram } from "./program.ts";

/** What is said of a call, before any command begins. */
const refused = (...args: string[]): Promise<unknown> => createProgram().parseAsync(args, { from: "user" });
const wrong = (message: string | RegExp, hint?: RegExp): object => ({
  code: "bad_request",
  message: typeof message === "string" ? message : (expect.stringMatching(message) as string),
  ...(hint === undefined ? {} : { hint: expect.stringMatching(hint) as string }),
});

describe("a wrong call", () => {
  it.each([
    [["nope"], wrong("unknown command 'nope'", /^firstfix --help shows its commands\.$/)],
    [["tga"], wrong("unknown command 'tga'", /^Did you mean tag\? firstfix --help/)],
    [["repo", "ad", "x"], wrong("unknown command 'ad'", /^Did you mean add\? firstfix repo --help/)],
    [["authors", "a.js", "--lnes", "3"], wrong("unknown option '--lnes'", /^Did you mean --lines\? firstfix authors --help/)],
    [["report", "--json"], wrong("unknown option '--json'", /^Did you mean --format json\?$/)],
    [["report", "pr", "--since", "3d"], wrong("unknown option '--since'", /^firstfix report pr --help shows what it takes\.$/)],
    [["authors"], wrong("missing required argument 'file'", /^firstfix authors --help/)],
    [["authors", "a.js", "b.js"], wrong(/^too many arguments/)],
    [["suspects", "--stack", "-"], wrong(/^required option '--bad <revision>'/)],
    [["up", "-c"], wrong(/argument missing$/)],
  ])("%j is told with what it takes", async (args, says) => {
    await expect(refused(...args)).rejects.toMatchObject(says);
  });

  it("names an option that is given twice, of which one would be dropped", async () => {
    await expect(refused("authors", "", "--rev", "v1", "--rev", "v2")).rejects.toMatchObject(wrong("--rev is given twice: v1 and v2"));
    await expect(refused("report", "-c", "a.yaml", "--config", "b.yaml")).rejects.toMatchObject(wrong("--config is given twice: a.yaml and b.yaml"));
    // The same once more says the same, and what is repeatable may be repeated: these go on to the empty argument.
    await expect(refused("authors", "", "--rev", "v1", "--rev", "v1")).rejects.toMatchObject(wrong(/<file> is empty/));
    await expect(refused("repo", "add", "", "--env", "a", "--env", "b")).rejects.toMatchObject(wrong(/<source> is empty/));
  });

  it("names what is empty, as a variable that was not set leaves it", async () => {
    await expect(refused("authors", "a.js", "--rev", "")).rejects.toMatchObject(wrong("--rev is empty"));
    await expect(refused("repo", "add", "x", "--env", "")).rejects.toMatchObject(wrong("--env is empty"));
    await expect(refused("groups", "merge", "grp_0123456789abcdef", "grp_1123456789abcdef", "")).rejects.toMatchObject(wrong("the argument <groups> is empty"));
    await expect(refused("sourcemaps", "upload", "", "--service", "s", "--revision", "0123456", "--url-prefix", "")).rejects.toMatchObject(wrong("the argument <paths> is empty"));
  });

  it("says how a file whose name begins with a hyphen is given", async () => {
    const before = process.cwd();
    const folder = mkdtempSync(join(tmpdir(), "firstfix-usage-"));
    try {
      writeFileSync(join(folder, "-a.js"), "");
      process.chdir(folder);
      await expect(refused("authors", "-a.js")).rejects.toMatchObject(wrong("unknown option '-a.js'", /as \.\/-a\.js$/));
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  });
});
