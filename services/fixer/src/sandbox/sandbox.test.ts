import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@firstfix/kit";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, nodeFolder, type SandboxJob } from "./index.ts";
import { bubblewrapWorks } from "../testing/needs.ts";

const log = createLogger("fixer", "silent");
const env = { PATH: `${nodeFolder}:/usr/bin:/bin` };
const works = await bubblewrapWorks();

function node(code: string, more: Partial<SandboxJob> = {}): SandboxJob {
  return { argv: ["node", "-e", code], cwd: "/tmp", writable: [], readable: [], env, timeoutMs: 10_000, ...more };
}

describe.skipIf(!works)("the sandbox", () => {
  const sandbox = createSandbox({ kind: "bubblewrap", memoryBytesMax: 300 * 1024 * 1024, log });
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-sandbox-"));
    writeFileSync(join(folder, "secret"), "s3cret");
  });

  it("has a loopback of its own and no way out", async () => {
    const result = await sandbox.run(node(`
      const net = require("net"), http = require("http");
      const server = http.createServer((q, r) => r.end("inside")).listen(0, "127.0.0.1", async () => {
        console.log(await (await fetch("http://127.0.0.1:" + server.address().port)).text());
        net.connect(53, "192.0.2.1").on("error", (e) => { console.log("out:" + e.code); process.exit(0); });
      });`));
    expect(result.output).toContain("inside");
    expect(result.output).toMatch(/out:ENETUNREACH/);
  });

  it("bounds the files that live in memory", async () => {
    for (const path of ["/tmp", "/dev/shm"]) {
      const result = await sandbox.run(node(`const fs = require("fs"); try { for (let i = 0; i < 9; i++) fs.writeFileSync("${path}/" + i, Buffer.alloc(30e6)); } catch (error) { console.log(error.code); }`));
      expect(result.output).toContain("ENOSPC");
    }
  });

  it("shows neither the machine's files nor its environment", async () => {
    const result = await sandbox.run(node(`const fs = require("fs"); console.log(Object.keys(process.env).sort().join(), fs.existsSync("/etc/passwd"), fs.existsSync("${folder}/secret"), process.getuid())`));
    expect(result.output).toMatch(/^PATH,PWD false false 65534/);
  });

  it("writes only where it may", async () => {
    const result = await sandbox.run(node(`const fs = require("fs"); fs.writeFileSync("${folder}/a", "1")`, { readable: [folder], cwd: folder }));
    expect(result.code).not.toBe(0);
    expect(result.output).toContain("EROFS");
    expect((await sandbox.run(node(`require("fs").writeFileSync("${folder}/a", "1")`, { writable: [folder], cwd: folder }))).code).toBe(0);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("1");
  });

  it("ends by the clock with everything that was started", async () => {
    const result = await sandbox.run(node(`require("child_process").spawn("sleep", ["77"], { detached: true, stdio: "inherit" }); setInterval(() => {}, 1000)`, { timeoutMs: 800 }));
    expect(result).toMatchObject({ killed: "time", code: null });
    expect(result.ms).toBeLessThan(3000);
  });

  it("ends what takes too much memory, and caps output", async () => {
    const greedy = await sandbox.run(node(`const a = []; setInterval(() => a.push(Buffer.alloc(2e7, 1)), 5)`));
    expect(greedy.killed).toBe("memory");
    const chatty = await sandbox.run(node(`for (let i = 0; i < 100; i++) process.stdout.write("x".repeat(100000))`));
    expect(chatty.code).toBe(0);
    expect(chatty.output.length).toBe(256 * 1024);
  });
});

it("says how to get bubblewrap where there is none, and runs nothing", async () => {
  const sandbox = createSandbox({ kind: "bubblewrap", memoryBytesMax: 1e9, log, program: "bwrap-that-is-not-there" });
  await expect(sandbox.run(node("1"))).rejects.toMatchObject({ code: "sandbox.missing", hint: expect.stringContaining("apt-get install bubblewrap") });
});

it("runs unconfined only where the configuration says so, with the same bounds and no environment of ours", async () => {
  const sandbox = createSandbox({ kind: "none", memoryBytesMax: 300 * 1024 * 1024, log });
  expect(sandbox.kind).toBe("none");
  expect((await sandbox.run(node("console.log(Object.keys(process.env).sort().join())"))).output.trim()).toBe("PATH");
  expect((await sandbox.run(node("setInterval(() => {}, 1000)", { timeoutMs: 300 }))).killed).toBe("time");
});
