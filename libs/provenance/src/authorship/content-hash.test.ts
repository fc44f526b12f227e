import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openRepository } from "../repository.ts";
import { GitSandbox } from "../testing/sandbox.ts";
import { HashedLines, murmur3, parseContentHash } from "./content-hash.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const murmur = (text: string): string => `murmur3:${murmur3(Buffer.from(text)).toString(16).padStart(8, "0")}`;

/** Records one range of the file as an assistant's at the commit's parent, and says what is made of it. */
async function trace(files: Readonly<Record<string, string>>, path: string, from: number, to: number, hash: string | undefined): Promise<{ lines: string[]; shown: string[] }> {
  const parent = box.commit("Before", Object.fromEntries(Object.keys(files).map((name) => [name, "first\n"])));
  const record = { version: "1.0", id: "x", timestamp: "2026-01-01T00:00:00Z", vcs: { type: "git", revision: parent }, tool: { name: "cursor" }, files: [{ path, conversations: [{ contributor: { type: "ai" }, ranges: [{ start_line: from, end_line: to, ...(hash === undefined ? {} : { content_hash: hash }) }] }] }] };
  const id = box.commit("Edit", { ...files, ".agent-trace/traces.jsonl": `${JSON.stringify(record)}\n` });
  const repo = await openRepository(box.path);
  const lines = [...(await repo.attributeLines(id, path))].filter(([, one]) => one.authorship === "ai").map(([line, one]) => `${line} ${one.confidence}`);
  return { lines, shown: (await repo.attributeCommit(id)).evidence.map(({ confidence, raw }) => `${confidence} ${/\((.+)\)$/.exec(raw)?.[1] ?? ""}`.trim()) };
}

describe("the hash of a range's content", () => {
  it("is computed as published", () => {
    for (const [text, expected] of [["", 0], ["hello", 0x248bfa47], ["The quick brown fox jumps over the lazy dog", 0x2e4ff723]] as const) expect(murmur3(Buffer.from(text))).toBe(expected);
  });

  it("is read with its algorithm, and refused where that is not known", () => {
    const text = Buffer.from("a\nb");
    const full = createHash("sha256").update(text).digest("hex");
    for (const known of [`sha256:${full}`, full, `SHA-256:${full.slice(0, 16).toUpperCase()}`, `sha1:${createHash("sha1").update(text).digest("hex")}`, murmur("a\nb"), `crc32:${crc32(text).toString(16).padStart(8, "0")}`]) {
      expect([known, parseContentHash(known)?.(text), parseContentHash(known)?.(Buffer.from("a\nc"))]).toEqual([known, true, false]);
    }
    for (const unknown of ["", "x", "murmur3:", "murmur3:zz", `murmur3:${"0".repeat(32)}`, "fnv1a:0123456789abcdef", "sha256:12", "9f2e8a1b", `__proto__:${full}`]) expect(parseContentHash(unknown), unknown).toBeNull();
    fc.assert(fc.property(fc.string(), (one) => void parseContentHash(one)?.(text)));
  });

  it.each([["sha256", sha256], ["murmur3", murmur]])("raises what it agrees with, however the writer cut the text (%s)", async (_name, hash) => {
    for (const text of ["A\nB\n", "A\nB", "A\r\nB".replaceAll("\r", "")]) expect(await trace({ "a.js": "first\nA\nB\nlast\n" }, "a.js", 2, 3, hash(text))).toEqual({ lines: ["2 0.95", "3 0.95"], shown: ["0.95"] });
    expect((await trace({ "crlf.js": "first\nA\r\nB\r\n" }, "crlf.js", 2, 3, hash("A\nB"))).lines).toEqual(["2 0.95", "3 0.95"]);
    expect((await trace({ "end.js": "first\n  A\n  B" }, "end.js", 2, 3, hash("A\n  B"))).lines).toEqual(["2 0.95", "3 0.95"]);
  });

  it("lowers what it contradicts, and says so", async () => {
    expect(await trace({ "a.js": "first\nA\nC\n" }, "a.js", 2, 3, sha256("A\nB\n"))).toEqual({ lines: [], shown: ["0.2 its content_hash is not that of these lines"] });
    expect((await trace({ "a.js": "first\nA\nC\n" }, "a.js", 2, 3, undefined)).lines).toEqual(["2 0.75", "3 0.75"]);
  });

  it("finds the lines where they stand now, if that is one place and the commit's own", async () => {
    expect(await trace({ "m.js": "first\nx\ny\nA\nB\nz\n" }, "m.js", 1, 2, murmur("A\nB\n"))).toEqual({ lines: ["4 0.85", "5 0.85"], shown: ["0.85 the lines stand at 4-5"] });
    expect((await trace({ "m.js": "first\nA\nB\nx\nA\nB\nz\n" }, "m.js", 1, 2, murmur("A\nB\n"))).lines).toEqual([]);
    expect((await trace({ "m.js": "x\nfirst\n" }, "m.js", 1, 1, murmur("first\n"))).lines).toEqual([]);
    expect((await trace({ "m.js": "A\nB\n" }, "m.js", 1, 1, murmur("A\nB\n"))).lines).toEqual([]);
  });

  it("takes a record without a hash no more for lines that another record's hash says were changed", async () => {
    const parent = box.commit("Before", { "v.js": "first\n" });
    const row = (from: number, to: number, hash?: string): string => JSON.stringify({ version: "1.0", id: "x", timestamp: "2026-01-01T00:00:00Z", vcs: { type: "git", revision: parent }, tool: { name: "cursor" }, files: [{ path: "v.js", conversations: [{ contributor: { type: "ai" }, ranges: [{ start_line: from, end_line: to, content_hash: hash }] }] }] });
    const id = box.commit("Edit", { "v.js": "first\nA\nB\nC\n", ".agent-trace/traces.jsonl": [row(2, 3, sha256("else")), row(3, 4), row(4, 4)].join("\n") });
    const repo = await openRepository(box.path);
    expect([...(await repo.attributeLines(id, "v.js"))].map(([line, one]) => `${line} ${one.authorship}`)).toEqual(["2 unknown", "3 unknown", "4 ai"]);
    expect((await repo.attributeCommit(id)).evidence.map(({ raw }) => raw)).toContain("v.js 3-4 ai cursor (another record's content_hash says that lines 2-3 were changed since)");
  });

  it("says of what it cannot compare that it did not, and goes on as without it", async () => {
    expect(await trace({ "u.js": "first\nA\n" }, "u.js", 2, 2, "blake3:0123456789abcdef")).toEqual({ lines: ["2 0.75"], shown: ["0.75 its content_hash is of a kind that is not known: not compared"] });
    expect(await trace({ "n\nl.js": "first\nA\n" }, "n\nl.js", 2, 2, sha256("A"))).toEqual({ lines: ["2 0.75"], shown: ["0.75 its content_hash was not compared"] });
  });

  it("costs no more than its budget, whatever the records ask for", () => {
    const lines = new HashedLines(Buffer.from("0123456789abcde\n".repeat(500_000)), { left: 64 * 1024 * 1024 });
    const started = performance.now();
    for (let index = 0; index < 2_000; index += 1) lines.find(1_000, [{ from: 1, to: 500_000 }], () => false);
    expect(lines.same({ from: 1, to: 2 }, () => true)).toBeNull();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
