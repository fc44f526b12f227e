import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@firstfix/kit";
import { afterAll, expect, it } from "vitest";
import { BUBBLEWRAP, describeWith } from "../../../../test/harness/requires.ts";
import { createSandbox } from "../sandbox/index.ts";
import { WorkTrees } from "../workspace/tree.ts";
import { replay } from "./replay.ts";

const folder = mkdtempSync(join(tmpdir(), "firstfix-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWith(BUBBLEWRAP, "a replay of hostile code", () => {
  it("cannot lead what we write to a file of the machine", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "precious");
    // Plants links in every folder that it can write, under the names that we write ourselves.
    const evil = `const fs = require("fs"), path = require("path"), http = require("http");
      for (const folder of ["out", "control"]) for (const name of ["stop", "plan.json"]) try { fs.symlinkSync(${JSON.stringify(victim)}, path.join("..", folder, name)); } catch {}
      http.createServer((request, response) => response.end("ok")).listen(process.env.PORT);`;
    const trees = new WorkTrees(join(folder, "work"), async (_, into) => { mkdirSync(into, { recursive: true }); writeFileSync(join(into, "server.js"), evil); }, []);
    const tree = await trees.checkout("a".repeat(40));
    const request = { id: "one", traceId: "1".repeat(32), method: "GET", target: "/", headers: {}, body: null };
    const sandbox = createSandbox({ kind: "bubblewrap", memoryBytesMax: 512 * 1024 * 1024, log: createLogger("fixer", "silent") });
    const result = await replay({ sandbox, tree, start: "node server.js", ready: "/", service: "evil", environment: "test", revision: "a".repeat(40), phases: [[request]], dependencies: [], memoryBytesMax: 512 * 1024 * 1024, timeoutMs: 20_000, lingerMs: 8_000, compileCache: null }, () => true);
    expect(result.results.phases).toBeGreaterThan(0);
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(existsSync(join(tree.control, "stop"))).toBe(true);
  });
});
