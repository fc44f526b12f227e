import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { parseCodeowners } from "./parse.ts";
import { compilePattern, matches } from "./pattern.ts";
import { readOwners } from "./read.ts";

const box = new GitSandbox();
const shop = new GitSandbox();
afterAll(() => {
  box.remove();
  shop.remove();
});

const FILES = ["a", "b.js", "docs/a", "docs/b.js", "docs/x/a", "docs/x/b.js", "x/docs/a", "x/y/z/a", "x/y/b.js", "x/ab", "x/a b", "lib/#x", "ünïcöd/éàèùâ.js", "x*y/a", "deep/docs/x/y/b.js"];
const matching = (pattern: string): string[] => {
  const compiled = compilePattern(pattern);
  return compiled === null ? [] : FILES.filter((file) => matches(compiled, file.split("/")));
};
/** What git itself ignores by the pattern: the other reading of the same rules. */
function ignored(pattern: string): string[] {
  box.write(".git/info/exclude", `${pattern}\n`);
  try {
    return box.gitWith({ input: `${FILES.join("\0")}\0` }, "check-ignore", "--no-index", "--stdin", "-z").split("\0").filter((one) => one !== "");
  } catch {
    return []; // exit 1: none
  }
}

describe("patterns", () => {
  for (const file of FILES) box.write(file, "");

  it.each(["a", "/a", "*", "*.js", "/*.js", "docs", "docs/", "/docs/", "docs/x", "x/docs/", "**/docs", "**/docs/", "docs/**", "docs/**/a", "x/**/a", "**/x/**", "/**", "**", "x/y/**/z", "d*s", "?", "x/?b", "x/a\\ b", "lib/\\#x", "x\\*y", "*/a", "*/*/a", "a/", "docs/*.js", "ünïcöd", "**/*.js", "x/**/**/a", "nothing"])("%s means what git means by it", (pattern) => {
    expect(matching(pattern)).toEqual(ignored(pattern));
  });

  it("agrees with git on patterns that nobody thought of", () => {
    const segment = fc.oneof(fc.constantFrom("**", "docs", "x", "y", "a", "*.js", "b*", "?", "*a*", "x\\*y"), fc.array(fc.constantFrom("a", "b", "x", "*", "?", "."), { minLength: 2, maxLength: 4 }).map((chars) => chars.join("")));
    const pattern = fc.tuple(fc.boolean(), fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([root, parts, folder]) => `${root ? "/" : ""}${parts.join("/")}${folder ? "/" : ""}`);
    // `docs/*` is where GitHub differs, and three stars are nobody's rule.
    fc.assert(fc.property(pattern.filter((text) => !/\*\*\*|\/\*$|[^/]\*\*|\*\*[^/]/.test(text)), (text) => {
      expect(matching(text), text).toEqual(ignored(text));
    }), { numRuns: 150 });
  });

  it("takes docs/* for the files in docs alone, as GitHub does", () => {
    expect(matching("docs/*")).toEqual(["docs/a", "docs/b.js"]);
    expect(matching("/*")).toEqual(["a", "b.js"]);
  });

  it("takes a time that grows with the pattern, however it is made", () => {
    const pattern = compilePattern(`/${"**/a*a*a*a*a*a*b/".repeat(200)}c`);
    const started = performance.now();
    expect(pattern !== null && matches(pattern, Array.from({ length: 500 }, () => "a".repeat(200)))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe("GitHub's file", () => {
  const owners = parseCodeowners(["# all", "*       @org/all # whoever", "*.js    @js-owner js@example.com", "\\#x @hash", "/build/logs/ @doctocat", "apps/ @octocat", "/apps/github", "/my\\ docs/ @docs", "!not @no", "[a-z].md @no", "src/* @src", "x.md not-an-owner @one"].join("\r\n"));

  it.each([
    ["README.md", ["@org/all"]],
    ["a/b.js", ["@js-owner", "js@example.com"]],
    ["lib/#x", ["@hash"]],
    ["build/logs/x/y", ["@doctocat"]],
    ["x/build/logs/y", ["@org/all"]],
    ["x/apps/y.js", ["@octocat"]],
    ["apps/github/y.js", []],
    ["my docs/x", ["@docs"]],
    ["src/x.ts", ["@src"]],
    ["src/x/y.ts", ["@org/all"]],
    ["x.md", ["@one"]],
    ["__proto__", ["@org/all"]],
    ["", ["@org/all"]],
  ])("%s", (path, expected) => {
    expect(owners.of(path)).toEqual(expected);
    expect(owners.of(path)).toBe(owners.of(path));
  });

  it("says which lines it refuses", () => {
    expect(owners.problems).toEqual(["line 9: ! and [ ] mean nothing in this file", "line 10: ! and [ ] mean nothing in this file", "line 12: not understood as owner"]);
  });
});

describe("GitLab's file", () => {
  const owners = parseCodeowners(["* @all", "/config/ @@maintainer", "", "[Documentation][2] @docs-team", "docs/", "README.md # @read-too", "*.txt @text", "", "^[Database] @dba", "model/db/ ", "/only", "!model/db/generated/", "[documentation]", "LICENSE"].join("\n"));

  it.each([
    ["main.c", ["@all"]],
    ["config/x", ["@@maintainer"]],
    ["docs/x", ["@all", "@docs-team"]],
    ["x/docs/y/z", ["@all", "@docs-team"]],
    ["x/README.md", ["@all", "@read-too"]],
    ["docs/notes.txt", ["@all", "@text"]],
    ["x/model/db/y", ["@all", "@dba"]],
    ["model/db/generated/y", ["@all"]],
    ["only", ["@all", "@dba"]],
    ["only/x", ["@all"]],
    ["x/LICENSE", ["@all", "@docs-team"]],
  ])("%s", (path, expected) => expect(owners.of(path)).toEqual(expected));
});

describe("the repository's file", () => {
  it("is the first of the four places, as of the revision", async () => {
    const places = ["gitlab/CODEOWNERS", "docs/CODEOWNERS", "CODEOWNERS", ".github/CODEOWNERS"].map((path) => path.replace(/^gitlab/, ".gitlab"));
    const seen: (readonly string[])[] = [];
    const none = shop.commit("Nothing", { "main.c": "1\n" });
    for (const path of places) {
      const id = shop.commit(`Add ${path}`, { [path]: `* @from/${path}\n` });
      seen.push((await readOwners(await openRepository(shop.path), id)).of("main.c"));
    }
    expect(seen).toEqual(places.map((path) => [`@from/${path}`]));
    expect((await readOwners(await openRepository(shop.path), none)).of("main.c")).toEqual([]);
  });

  it("names nobody, and says so, where it is too long, and bears one that is a link or binary", async () => {
    const repo = await openRepository(shop.path);
    const long = shop.commit("Long", { ".github/CODEOWNERS": "* @a\n".repeat(700_000) });
    expect(await readOwners(repo, long)).toMatchObject({ rules: 0, problems: [expect.stringContaining("longer than 3145728 bytes")] });
    const longer = shop.commit("Longer", { ".github/CODEOWNERS": "* @a\n".repeat(1_800_000) });
    expect(await readOwners(repo, longer)).toMatchObject({ rules: 0, problems: [expect.stringContaining("longer than")] });
    const many = parseCodeowners("* @a\n".repeat(100_000));
    expect([many.rules, many.of("x"), many.problems.length]).toEqual([20_000, ["@a"], 20]);
    const binary = shop.commit("Binary", { ".github/CODEOWNERS": "* @a\0\n", CODEOWNERS: null, "docs/CODEOWNERS": null, ".gitlab/CODEOWNERS": null });
    expect((await readOwners(repo, binary)).of("x")).toEqual([]);
  });

  it("names nobody where its patterns would take minutes, and says so", () => {
    const owners = parseCodeowners(`* @a\n${`*${"a".repeat(120)}b @b\n`.repeat(5000)}`);
    const started = performance.now();
    expect(owners.of(`${"a".repeat(250)}/`.repeat(16))).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(owners.problems).toEqual([expect.stringContaining("too long to compare")]);
    expect(owners.of("c")).toEqual(["@a"]);
  });

  it("takes any text: it never throws, and names only what the text names", () => {
    const line = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom("[", "^[a][9999]", "[x] @a", "!", "\\", "\\ ", "** @b", "/ @c", "!** @d", "#", "a//b @e"));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom("github", "gitlab", "auto" as const), fc.string(), (lines, dialect, path) => {
        const text = lines.join("\n");
        for (const owner of parseCodeowners(text, { dialect: dialect as "auto" }).of(path)) expect(text.includes(owner)).toBe(true);
      }),
    );
  });

  it("reads back what was printed", () => {
    const name = fc.stringMatching(/^[a-z #*?ü]{1,8}$/).filter((text) => text.trim() === text);
    const owner = fc.stringMatching(/^@[a-z]{1,8}(?:\/[a-z]{1,8})?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.uniqueArray(owner, { maxLength: 3 })), { minLength: 1, maxLength: 10 }), (rules) => {
        const text = rules.map(([path, names]) => `/${path.join("/").replace(/[ #*?\\]/g, "\\$&")} ${names.join(" ")}`).join("\n");
        const owners = parseCodeowners(text, { dialect: "github" });
        for (const [path] of rules) {
          const inside = (rule: readonly string[]): boolean => rule.every((part, index) => part === path[index]);
          expect(owners.of(path.join("/"))).toEqual(rules.findLast(([rule]) => inside(rule))?.[1]);
        }
      }),
    );
  });
});
