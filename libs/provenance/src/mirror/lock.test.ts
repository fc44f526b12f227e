import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitSandbox } from "../testing/sandbox.ts";
import { withLock } from "./lock.ts";
import { Mirrors } from "./mirrors.ts";

const MODULE = new URL("./mirrors.ts", import.meta.url).href;

describe("a mirror in the hands of several processes", () => {
  let folder: string;
  let origin: GitSandbox;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-lock-"));
    origin = new GitSandbox();
    origin.lay(Array.from({ length: 300 }, (_, n) => ({ message: `Commit ${n}`, files: { [`f${n % 20}.txt`]: `${n}\n`.repeat(200) } })));
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    origin.remove();
  });

  /** Another process that does the same; resolves with what it printed. */
  const start = (): { readonly child: ChildProcess; readonly said: Promise<string> } => {
    const code = `import { Mirrors } from ${JSON.stringify(MODULE)}; const one = await new Mirrors(${JSON.stringify(folder)}).refresh({ url: "https://x.example/x", source: ${JSON.stringify(origin.path)} }); console.log((await one.commit("main")).id);`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    return { child, said: new Promise((resolve) => child.on("close", () => resolve(text.trim()))) };
  };

  it("is made once by four that begin at the same moment", async () => {
    const said = await Promise.all([start().said, start().said, start().said, start().said]);
    expect(new Set(said)).toEqual(new Set([origin.git("rev-parse", "main")]));
    const left = readdirSync(join(folder, "mirrors"));
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^repo_[0-9a-f]{16}\.git$/);
  });

  it("is made anew when the process that was making it was killed", async () => {
    const mirrors = join(folder, "mirrors");
    const { child, said } = start();
    const until = Date.now() + 20_000;
    while (!(existsSync(mirrors) && readdirSync(mirrors).some((name) => name.endsWith(".part"))) && Date.now() < until) await sleep(2);
    child.kill("SIGKILL");
    await said;
    const left = readdirSync(mirrors);
    expect(left.some((name) => name.endsWith(".lock"))).toBe(true);
    expect(left.some((name) => name.endsWith(".git"))).toBe(false);
    const mirror = await new Mirrors(folder).refresh({ url: "https://x.example/x", source: origin.path });
    expect((await mirror.commit("main")).id).toBe(origin.git("rev-parse", "main"));
    expect(readdirSync(mirrors).filter((name) => !name.endsWith(".git"))).toEqual([]);
  });

  it("waits for a holder that lives, and takes over from one that is gone", async () => {
    mkdirSync(join(folder, "locks"));
    const file = join(folder, "locks", "one.lock");
    const order: string[] = [];
    const first = withLock(file, 10_000, async () => {
      await sleep(200);
      order.push("first");
    });
    await sleep(50);
    await expect(withLock(file, 50, async () => order.push("never"))).rejects.toMatchObject({ code: "conflict", retryable: true });
    await withLock(file, 10_000, async () => order.push("second"));
    await first;
    expect(order).toEqual(["first", "second"]);
    const { child, said } = start();
    await said;
    writeFileSync(file, `${child.pid} ${hostname()} token`);
    await withLock(file, 1_000, async () => order.push("third"));
    // As in a container, where the next process has the number and the host's name of the one that died.
    writeFileSync(file, `${process.pid} ${hostname()} token`);
    await withLock(file, 1_000, async () => order.push("fourth"));
    // One that was cut off while it was written, long ago; and of another machine.
    for (const text of ["", "1 elsewhere token"]) {
      writeFileSync(file, text);
      await expect(withLock(file, 10, async () => order.push("never"))).rejects.toMatchObject({ code: "conflict" });
      utimesSync(file, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));
      await withLock(file, 1_000, async () => order.push("old"));
    }
    expect(order.slice(2)).toEqual(["third", "fourth", "old", "old"]);
    expect(readdirSync(join(folder, "locks"))).toEqual([]);
  });
});
