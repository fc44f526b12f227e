import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../program.ts";
import { defaultBase } from "./report-pr-base.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-pr-")));
const origin = join(folder, "origin");
const clone = join(folder, "clone");
const git = (at: string, ...args: string[]): string => execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "-C", at, ...args], { encoding: "utf8" }).trim();
const commit = (at: string, subject: string): string => {
  git(at, "commit", "-q", "--allow-empty", "-m", subject);
  return git(at, "rev-parse", "HEAD");
};

let base = "";
beforeAll(() => {
  execFileSync("git", ["init", "-q", "-b", "trunk", origin]);
  base = commit(origin, "Start");
  git(origin, "branch", "release");
  execFileSync("git", ["clone", "-q", origin, clone]);
  git(clone, "switch", "-q", "-c", "feature");
  commit(clone, "Feature");
});
// The CI that runs these tests may itself run for a pull request.
beforeEach(() => {
  for (const name of ["GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH", "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "CHANGE_TARGET"]) vi.stubEnv(name, "");
  return () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(...args: string[]): Promise<{ readonly subjects: readonly string[]; readonly note: string }> {
  let text = "";
  vi.restoreAllMocks();
  vi.spyOn(process.stdout, "write").mockImplementation((piece) => Boolean((text += String(piece))));
  const note = vi.spyOn(console, "error").mockReturnValue();
  await createProgram().parseAsync(["report", "pr", "--repo", clone, "--format", "json", ...args], { from: "user" });
  return { subjects: (JSON.parse(text) as { commits: { subject: string }[] }).commits.map((one) => one.subject), note: note.mock.calls.flat().join("\n") };
}

describe("firstfix report pr", () => {
  it("takes what is checked out, against the default branch of origin, and says so", async () => {
    expect(await ask()).toEqual({ subjects: ["Feature"], note: "note: the base is origin/trunk, the default branch of origin; --base names another." });
    expect(await ask("--base", base, "--head", "feature")).toEqual({ subjects: ["Feature"], note: "" });
  });

  it("takes the branch that the CI names, and no other where the clone lacks it", async () => {
    for (const [name, value] of [["GITHUB_BASE_REF", "release"], ["CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release"], ["SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/release"]] as const)
      expect(await defaultBase(clone, { [name]: value })).toEqual({ revision: "origin/release", from: `as ${name} says` });
    vi.stubEnv("GITHUB_BASE_REF", "gone\u001b[31m");
    await expect(ask()).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/^GITHUB_BASE_REF says that the pull request goes to gone/) as string, hint: expect.stringMatching(/--base/) as string });
  });

  it("guesses no base: main or master where there is one of them, at origin before here", async () => {
    git(clone, "remote", "set-head", "origin", "--delete");
    const unknown = { code: "bad_request", message: "which branch the pull request goes to is not known", hint: expect.stringMatching(/^Name it: --base/) as string };
    git(clone, "branch", "-D", "-q", "trunk");
    await expect(ask()).rejects.toMatchObject(unknown);
    git(clone, "branch", "main", base);
    expect((await defaultBase(clone, {})).revision).toBe("main");
    git(clone, "branch", "master", base);
    await expect(ask()).rejects.toMatchObject(unknown);
    git(clone, "update-ref", "refs/remotes/origin/master", base);
    expect(await ask()).toEqual({ subjects: ["Feature"], note: "note: the base is origin/master, the usual name of the default branch; --base names another." });
  });

  it("does not summarise nothing where the base was not named", async () => {
    await expect(ask("--head", base)).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/has no commit that origin\/master has not/) as string, hint: expect.stringMatching(/--base REVISION --head REVISION/) as string });
    expect((await ask("--base", base, "--head", base)).subjects).toEqual([]);
    await expect(ask("--base", "nope")).rejects.toMatchObject({ message: expect.stringMatching(/has no revision nope \(--base\)$/) as string });
    await expect(ask("--base", base, "--address", "javascript:x")).rejects.toMatchObject({ message: "--address javascript:x cannot be the name of a repository" });
  });
});
