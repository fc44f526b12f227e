import { TestRepository, type Person } from "./repository.ts";

export const CLAUDE = "Co-Authored-By: Claude Opus 4.5 <noreply@anthropic.com>";
export const COPILOT: Person = { name: "copilot-swe-agent[bot]", email: "198982749+Copilot@users.noreply.github.com" };

export interface LaidHistory {
  readonly repository: TestRepository;
  readonly commits: Readonly<Record<"root" | "claude" | "copilot" | "noted" | "moved" | "binary" | "mode" | "submodule" | "names" | "empty" | "generated" | "side" | "merge" | "link" | "deleted", string>>;
}

export const numbered = (count: number, word = "line"): string => Array.from({ length: count }, (_, index) => `${word} ${index + 1};\n`).join("");

/** A git-ai note that ascribes lines of a file to Cursor, and others to a person. */
export function noteText(path: string, ai: string, human: string): string {
  const meta = { schema_version: "authorship/3.0.0", git_ai_version: "1.0.0", base_commit_sha: "", prompts: { "0123456789abcdef": { agent_id: { tool: "cursor", id: "x", model: "gpt-5" }, human_author: "Ada" } }, humans: { h_1: { author: "Ada Example" } } };
  return `${path}\n  0123456789abcdef ${ai}\n  h_1 ${human}\n---\n${JSON.stringify(meta)}\n`;
}

/** One of everything that a history may hold: several hands, merges, and files of every kind and name. */
export function layHistory(repository = new TestRepository()): LaidHistory {
  const root = repository.commit("Begin", { "src/a.js": numbered(20), "src/b.js": numbered(12, "b"), ".github/CODEOWNERS": "* @shop/core\n/web/ @shop/web\n", ".gitattributes": "gen/** linguist-generated\nvendor/own.js -linguist-vendored\n", "bin/run": "#!/bin/sh\n" });
  const claude = repository.commit(`Add totals\n\n${CLAUDE}`, { "src/a.js": numbered(20).replace("line 7;\n", "line seven;\nline seven and a half;\n"), "web/page.js": numbered(5, "page") });
  const copilot = repository.commit("Fix the total", { "src/b.js": numbered(12, "b").replace("b 3;\n", "") }, COPILOT);
  const noted = repository.commit("Add a cart", { "src/cart.js": numbered(10, "cart") });
  repository.note(noted, noteText("src/cart.js", "1-4,9", "5-6"));
  repository.git("mv", "src/b.js", "src/c.js");
  const moved = repository.commit("Move it", { "src/c.js": numbered(12, "b").replace("b 3;\n", "").replace("b 5;\n", "b five;\n") });
  const binary = repository.commit("Add a picture", { "web/logo.png": Buffer.from([0x89, 0x50, 0, 1, 2, 0x0a, 3, 0x0a]), "web/page.js": `${numbered(5, "page")}last` });
  repository.write("bin/run", "#!/bin/sh\n", 0o755);
  const mode = repository.commit("Make it run");
  repository.git("update-index", "--add", "--cacheinfo", `160000,${root},lib/sub`);
  repository.gitWith("Add a submodule", COPILOT, "commit", "--quiet", "--file=-");
  const submodule = repository.head();
  repository.git("rm", "--quiet", "--cached", "lib/sub");
  const names = repository.commit("Odd names", { "src/with space.js": "a\nb\n", 'src/qu"ote.js': "c\n", "src/new\nline.js": "d\n", "src/tab\t.js": "e\n", "src/日本 é.js": "f\ng\n", "src/-- a.js": "--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1,9 @@\n" });
  const empty = repository.commit("Nothing at all");
  const generated = repository.commit("Generate", { "gen/out.js": numbered(50), "package-lock.json": numbered(40), "dist/app.js": numbered(30), "vendor/lib.js": numbered(7), "vendor/own.js": numbered(3, "own"), "web/x.min.js": "x\n" });
  repository.git("checkout", "--quiet", "-b", "side", empty);
  const side = repository.commit(`On the side\n\n${CLAUDE}`, { "src/side.js": numbered(4, "side") });
  repository.git("checkout", "--quiet", "main");
  const merge = repository.merge("side");
  repository.link("src/link.js", "a.js");
  const link = repository.commit("Link it");
  repository.remove("src/side.js");
  const deleted = repository.commit("Remove the side");
  return { repository, commits: { root, claude, copilot, noted, moved, binary, mode, submodule, names, empty, generated, side, merge, link, deleted } };
}

/** Files and their numbers of lines as `git show --numstat` tells them, and their modes as `--raw` does. */
export function numstat(repository: TestRepository, commit: string): { readonly path: string; readonly added: number; readonly deleted: number; readonly regular: boolean }[] {
  const show = (what: string): string[] => repository.git("show", "-m", "--first-parent", "-M", "-z", "--format=", "--no-abbrev", what, commit).split("\0");
  const modes = new Map<string, boolean>();
  const raw = show("--raw");
  for (let index = 0; index < raw.length; ) {
    const match = /:(\d+) (\d+) \S+ \S+ ([A-Z])/.exec(raw[index] ?? "");
    if (match === null) break;
    const moved = match[3] === "R";
    modes.set(raw[index + (moved ? 2 : 1)] ?? "", (match[3] === "D" ? match[1] : match[2])?.startsWith("100") ?? false);
    index += moved ? 3 : 2;
  }
  const files: { path: string; added: number; deleted: number; regular: boolean }[] = [];
  const fields = show("--numstat");
  for (let index = 0; index < fields.length; ) {
    const match = /^\n?(\d+|-)\t(\d+|-)\t([^]*)$/.exec(fields[index] ?? "");
    if (match === null) break;
    const moved = match[3] === "";
    const path = moved ? (fields[index + 2] ?? "") : (match[3] ?? "");
    files.push({ path, added: Number(match[1]) || 0, deleted: Number(match[2]) || 0, regular: modes.get(path) ?? false });
    index += moved ? 3 : 1;
  }
  return files;
}
