import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { locate } from "./locate.ts";
import { escapedPath } from "./paths.ts";
import { Lines, streamGit } from "./stream.ts";

const box = new GitSandbox();
afterAll(() => box.remove());

describe("lines of what arrives in pieces", () => {
  it("are those of the whole, cut at the bound", () => {
    const text = fc.array(fc.constantFrom("a", "bc", "\n", "\n\n", "é", "\r\n", "x".repeat(30)), { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }), fc.integer({ min: 1, max: 40 }), (whole, sizes, max) => {
        const bytes = Buffer.from(whole);
        const found: string[] = [];
        const lines = new Lines((line) => found.push(line.toString("hex")), max);
        for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          lines.push(bytes.subarray(at, at + size));
          at += size;
        }
        lines.end();
        const expected = bytes.toString("latin1").split("\n").map((line) => Buffer.from(line.slice(0, max), "latin1").toString("hex"));
        // What ends with a line feed has no line behind it.
        if (expected.at(-1) === "") expected.pop();
        expect(found).toEqual(expected);
      }),
    );
  });
});

describe("a git whose output is streamed", () => {
  it("says what git says where it fails, and stops at the signal", async () => {
    const at = await locate(box.path);
    await expect(streamGit({ at, args: ["cat-file", "-p", "f".repeat(40)], input: "", chunk: () => {} })).rejects.toMatchObject({ code: "repository.failed", message: expect.stringContaining("Not a valid object name") as string });
    await expect(streamGit({ at, args: ["cat-file", "--batch"], input: "", chunk: () => {}, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    const stop = new AbortController();
    const id = box.commit("One", { "a.txt": "1\n" });
    const seen = streamGit({ at, args: ["cat-file", "--batch"], input: `${id}\n`.repeat(10_000), chunk: () => stop.abort(new Error("seen enough")), signal: stop.signal });
    await expect(seen).rejects.toThrow("seen enough");
  });

  it("is handed a last argument of any bytes, and no shell reads it", async () => {
    const at = await locate(box.path);
    for (const name of ["caf\xe9", "\xff'\"$(touch x)`id`%s\\n;&|\n\n", "-x\x80", "\x01\x7f\xfe *?[a]~"]) {
      const bytes = Buffer.from(name, "latin1");
      const found: Buffer[] = [];
      await streamGit({ at, args: ["rev-parse", "--sq-quote"], lastArg: bytes, input: "", chunk: (some) => void found.push(some) });
      // Git's own quoting: in single quotes, with ' and ! outside of them.
      const quoted = Buffer.concat(found).toString("latin1").replace(/^ '/, "").replace(/'\n$/, "").replaceAll("'\\''", "'");
      expect(quoted).toBe(name);
    }
    expect(escapedPath('"caf\\351"')).toEqual(Buffer.from("caf\xe9", "latin1"));
  });
});
