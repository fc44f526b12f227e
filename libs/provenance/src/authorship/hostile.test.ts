import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createDeflate } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { attributeChange, attributeChanges } from "./changes.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

const CHILD = fileURLToPath(new URL("../testing/attribute-child.ts", import.meta.url));
const MIB = 1024 * 1024;
const CLAUDE = "\n\nCo-Authored-By: Claude <noreply@anthropic.com>";

/** A loose blob that is long and, compressed, small; its content is one piece again and again. */
async function longBlob(size: number, piece: Buffer): Promise<string> {
  const head = Buffer.from(`blob ${size}\0`);
  const pieces = function* (): Generator<Buffer> {
    yield head;
    for (let left = size; left > 0; left -= piece.length) yield left >= piece.length ? piece : piece.subarray(0, left);
  };
  const hash = createHash("sha1");
  for (const one of pieces()) hash.update(one);
  const id = hash.digest("hex");
  const folder = join(box.path, ".git/objects", id.slice(0, 2));
  mkdirSync(folder, { recursive: true });
  await pipeline(Readable.from(pieces()), createDeflate({ level: 1 }), createWriteStream(join(folder, id.slice(2))));
  return id;
}

function inChild(commit: string): { authorship: string; raws: string[]; linesAdded: number; rssBytes: number } {
  return JSON.parse(execFileSync(process.execPath, [CHILD, box.path, commit], { encoding: "utf8", timeout: 60_000 }));
}

function noteTree(entries: string): void {
  box.git("update-ref", "refs/notes/ai", box.git("commit-tree", "-m", "notes", box.gitWith({ input: entries }, "mktree", "--missing")));
}

describe("what somebody else wrote decides neither memory nor time", () => {
  it("does not read a note of a gigabyte, and says so", async () => {
    const id = box.commit(`Start${CLAUDE}`, { "a.js": "1\n" });
    const usual = inChild(id);
    const blob = await longBlob(1024 * MIB, Buffer.alloc(MIB, `a.js\n  h_1 1\n`));
    noteTree(`100644 blob ${blob}\t${id}\n`);
    const { rssBytes, ...said } = inChild(id);
    expect(said).toEqual({ authorship: "ai", linesAdded: 1, raws: [`The git-ai note is longer than ${MIB} bytes (${1024 * MIB}): not read`, "Co-Authored-By: Claude <noreply@anthropic.com>"] });
    expect(rssBytes - usual.rssBytes).toBeLessThan(32 * MIB);
  }, 120_000);

  it("counts a change of 200 MB without holding it, and a file that is too long for lines as binary", async () => {
    const blob = await longBlob(7 * MIB, Buffer.from("0123456789abcde\n".repeat(4096)));
    const long = await longBlob(200 * MIB, Buffer.from("0123456789abcde\n".repeat(4096)));
    const id = box.commitTree([{ mode: "100644", type: "blob", id: long, name: "long.txt" }, ...Array.from({ length: 30 }, (_, index) => ({ mode: "100644", type: "blob", id: blob, name: `part${index}.txt` }))]);
    const { linesAdded, rssBytes } = inChild(id);
    expect(linesAdded).toBe((30 * 7 * MIB) / 16);
    expect(rssBytes).toBeLessThan(300 * MIB);
  }, 120_000);

  it("reads a message of a million trailers up to a bound", async () => {
    const message = `Subject${CLAUDE}\n${"Co-authored-by: Someone Else <someone@example.com>\n".repeat(1_000_000)}`;
    const id = box.gitWith({ input: message }, "commit-tree", box.git("rev-parse", "HEAD^{tree}"), "-F", "-");
    const { raws, rssBytes } = inChild(id);
    expect(raws.slice(-2)).toEqual(["The message is longer than 65536 characters: the rest is not read", "The message has more than 200 trailers: the others are not read"]);
    expect(rssBytes).toBeLessThan(300 * MIB);
  }, 120_000);

  it("reads many notes that are as long as they may be, and of a note no more ranges than its bound", async () => {
    const ranges = Array.from({ length: 60_000 }, (_, index) => `${index + 1}`).join(",");
    const text = `a.js\n  0123456789abcdef ${ranges}\n---\n${JSON.stringify({ schema_version: "authorship/3.0.0" })}\n`;
    const blob = box.blob(text);
    const start = box.git("rev-parse", "HEAD^{tree}");
    const ids = Array.from({ length: 30 }, (_, index) => box.git("commit-tree", "-m", `Change ${index}`, start));
    noteTree(ids.map((id) => `100644 blob ${blob}\t${id}\n`).join(""));
    const seen: boolean[] = [];
    await attributeChanges(await openRepository(box.path), ids, ({ attribution }) => void seen.push(attribution.evidence.some((one) => one.raw.startsWith("The note: range refused"))));
    expect(seen).toEqual(ids.map(() => true));
  }, 120_000);

  it("bears ranges that all overlap, each with another author", async () => {
    const rows = Array.from({ length: 900 }, (_, index) => `  s_${index}::t_1 1-1000`).join("\n");
    const id = box.commit("Overlap", { "o.js": "x\n".repeat(1000) });
    box.gitWith({ input: `o.js\n${rows}\n---\n${JSON.stringify({ schema_version: "authorship/3.0.0", base_commit_sha: id })}\n` }, "notes", "--ref=refs/notes/ai", "add", "--force", "--file=-", id);
    const started = performance.now();
    const { added, attribution } = await attributeChange(await openRepository(box.path), id);
    expect([added.get("o.js")?.reduce((sum, one) => sum + one.count, 0), attribution.evidence.length]).toEqual([1000, 200]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("finds no note in a tree of folders within folders", async () => {
    const id = box.commit("Deep", { "d.js": "1\n" });
    let inner = box.gitWith({ input: `100644 blob ${box.blob("x")}\tx\n` }, "mktree");
    for (let depth = 0; depth < 200; depth += 1) inner = box.gitWith({ input: `040000 tree ${inner}\t${id.slice(0, 2)}\n` }, "mktree");
    noteTree(`040000 tree ${inner}\t${id.slice(0, 2)}\n040000 tree ${inner}\t${id}\n`);
    expect((await attributeChange(await openRepository(box.path), id)).attribution.evidence).toEqual([]);
  });

  it("names files as they are called, and opens none by a name that leads elsewhere", async () => {
    const blob = box.blob("1\n");
    const inner = box.gitWith({ input: `100644 blob ${blob}\tconfig\n` }, "mktree");
    const up = box.gitWith({ input: `100644 blob ${blob}\tpasswd\n` }, "mktree");
    const id = box.commitTree([{ mode: "040000", type: "tree", id: up, name: ".." }, { mode: "040000", type: "tree", id: inner, name: ".git" }, { mode: "100644", type: "blob", id: blob, name: "a\u001b[31m\nb" }]);
    const { added, files } = await attributeChange(await openRepository(box.path), id);
    expect([files, [...added.keys()]]).toEqual([3, ["../passwd", ".git/config", "a\u001b[31m\nb"]]);
    const repo = await openRepository(box.path);
    expect((await repo.listFiles(id, "")).length).toBe(3);
    for (const path of ["../passwd", ".git/config", "/etc/passwd", "../../etc/passwd"]) expect([await repo.readFile(id, path), await repo.blame(id, path, 1, 9), await repo.attributeLines(id, "..")]).toEqual([null, [], new Map()]);
  });
});
