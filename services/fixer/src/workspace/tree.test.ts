import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync, existsSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EvidenceReader } from "../replay/evidence.ts";
import { WorkTrees, writeInside } from "./tree.ts";

describe("work trees", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-tree-"));
    writeFileSync(join(folder, "outside"), "safe");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are copies: what one run does no other sees", async () => {
    let exports = 0;
    const trees = new WorkTrees(join(folder, "work"), (_, into) => {
      exports += 1;
      writeFileSync(join(into, "a"), "1");
      return Promise.resolve();
    }, ["/somewhere/node_modules", "/other"]);
    const [one, two] = await Promise.all([trees.checkout("f".repeat(40)), trees.checkout("f".repeat(40), new Map([["src/b.js", "new"]]))]);
    writeFileSync(join(one.files, "a"), "spoilt");
    expect(readFileSync(join(two.files, "a"), "utf8")).toBe("1");
    expect(readFileSync(join(two.files, "src/b.js"), "utf8")).toBe("new");
    expect(readlinkSync(join(two.files, "node_modules"))).toBe("/somewhere/node_modules");
    expect(exports).toBe(1);
    await two.dispose();
    expect(existsSync(two.files)).toBe(false);
    await trees.dispose();
    expect(existsSync(join(folder, "work"))).toBe(false);
  });

  it("are never left by a path or a link of the repository", async () => {
    const root = join(folder, "root");
    mkdirSync(root);
    symlinkSync(folder, join(root, "up"));
    symlinkSync(join(folder, "outside"), join(root, "file"));
    for (const path of ["../outside", "/etc/x", "up/outside", "file", "a/../../outside"]) await expect(writeInside(root, path, "taken"), path).rejects.toThrow(/not a path|not a folder|ELOOP/);
    expect(readFileSync(join(folder, "outside"), "utf8")).toBe("safe");
  });

  it("yield evidence only from plain files of their own", async () => {
    const out = join(folder, "out");
    mkdirSync(out);
    symlinkSync(join(folder, "outside"), join(out, "results.json"));
    symlinkSync("/dev/zero", join(out, "00001.traces.pb"));
    writeFileSync(join(out, "00002.traces.pb"), "no protobuf at all");
    writeFileSync(join(out, "00003.traces.json"), '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}');
    const evidence = await new EvidenceReader(out).read();
    expect(evidence.results).toMatchObject({ ready: false, done: false });
    expect(evidence.spans.map((span) => span.name)).toEqual(["x"]);
  });
});
