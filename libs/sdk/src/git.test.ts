import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCheckout, stripCredentials } from "./git.ts";
import { resourceAttributes } from "./resource.ts";

let folder: string;
let work: string;
let head: string;

const git = (...args: string[]): string => execFileSync("git", ["-C", work, "-c", "user.name=Test", "-c", "user.email=test@shop.example", "-c", "commit.gpgsign=false", ...args], { encoding: "utf8" }).trim();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ff-sdk-git-"));
  work = join(folder, "work");
  mkdirSync(join(work, "src/deep"), { recursive: true });
  git("init", "-q", "-b", "main");
  git("commit", "-q", "--allow-empty", "-m", "one");
  git("remote", "add", "upstream", "https://other.example/x.git");
  git("remote", "add", "origin", "https://bot:s3cret@git.shop.example/shop.git");
  head = git("rev-parse", "HEAD");
});
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe("the checkout of an application", () => {
  it("is read from a branch, from any folder below", () => {
    expect(readCheckout(join(work, "src/deep"))).toEqual({ revision: head, branch: "main", repository: "https://git.shop.example/shop.git" });
  });

  it("is read when HEAD is detached, and when references are packed", () => {
    git("pack-refs", "--all");
    expect(readCheckout(work).revision).toBe(head);
    git("checkout", "-q", "--detach");
    expect(readCheckout(work)).toMatchObject({ revision: head, branch: "" });
    git("checkout", "-q", "main");
  });

  it("is read from a linked work tree", () => {
    git("worktree", "add", "-q", "-b", "other", join(folder, "linked"));
    expect(readCheckout(join(folder, "linked"))).toEqual({ revision: head, branch: "other", repository: "https://git.shop.example/shop.git" });
  });

  it("is empty where there is none", () => {
    expect(readCheckout(folder)).toEqual({ revision: "", branch: "", repository: "" });
  });

  it("never tells credentials", () => {
    expect(stripCredentials("https://user:pass@host/x.git")).toBe("https://host/x.git");
    expect(stripCredentials("https://user:p@ss@host/x.git")).toBe("https://host/x.git");
    expect(stripCredentials("https://host/a@b")).toBe("https://host/a@b");
    expect(stripCredentials("ssh://git@host/x.git")).toBe("ssh://host/x.git");
    expect(stripCredentials("git@host:x.git")).toBe("git@host:x.git");
  });
});

describe("resource attributes", () => {
  it("come from the checkout, and the environment overrules it", () => {
    expect(resourceAttributes({}, work)).toMatchObject({ "vcs.ref.head.revision": head, "deployment.environment.name": "development" });
    expect(resourceAttributes({ FIRSTFIX_REVISION: "a".repeat(40), FIRSTFIX_ENVIRONMENT: "staging", NODE_ENV: "production", OTEL_SERVICE_NAME: "s" }, work))
      .toEqual({ "service.name": "s", "vcs.ref.head.revision": "a".repeat(40), "vcs.repository.url.full": "https://git.shop.example/shop.git", "deployment.environment.name": "staging" });
    expect(resourceAttributes({ NODE_ENV: "production" }, work)["deployment.environment.name"]).toBe("production");
    expect(resourceAttributes({ OTEL_RESOURCE_ATTRIBUTES: "a=b,deployment.environment=qa" }, work)["deployment.environment.name"]).toBe("qa");
  });
});
