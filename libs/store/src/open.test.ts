import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nextBatchId } from "@firstfix/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "./open.ts";
import { select } from "./sql.ts";
import { span, traces } from "./testing/otlp.ts";
import { temporaryFolder } from "./testing/store.ts";

const CHILD = fileURLToPath(new URL("./testing/child.ts", import.meta.url));
const children: ChildProcess[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await folder.remove();
});

describe("openStore", () => {
  it("loses nothing of an inserted batch to a kill -9, and opens again by itself", async () => {
    const child = await start(folder.path, 500);
    expect(child.says).toBe("ready");
    await kill(child.process);
    await writeFile(join(folder.path, "segments", "1.traces"), "left behind");
    const store = await openStore({ path: folder.path });
    expect(await select(store.background, "SELECT count() AS n FROM spans")).toEqual([{ n: 500 }]);
    expect(await select(store.background, "SELECT sum(spans) AS n FROM exposure")).toEqual([{ n: 500 }]);
    expect(await readdir(join(folder.path, "segments"))).toEqual([]);
    // The child was started in this folder: the engine left no copy of the schema where it runs.
    expect(await readdir(folder.path)).not.toContain("__cache__");
    await store.close();
  });

  it("says in one line which process holds the directory", async () => {
    const child = await start(folder.path, 0);
    await expect(openStore({ path: folder.path })).rejects.toMatchObject({ code: "data_dir.in_use", message: expect.stringMatching(/^The data directory .* is in use by process \d+\.$/) as string });
    await kill(child.process);
    await (await openStore({ path: folder.path })).close();
  });

  it("lets only one of two that start at the same time have it", async () => {
    const both = await Promise.all([start(folder.path, 0), start(folder.path, 0)]);
    const says = both.map((child) => child.says).sort();
    expect(says[0]).toBe("ready");
    expect(JSON.parse(says[1] ?? "") as unknown).toMatchObject({ code: "data_dir.in_use", hint: expect.stringContaining("data") as string });
  });

  it("works in a directory with an odd name", async () => {
    const store = await openStore({ path: join(folder.path, "it's an \\odd [name], 100%") });
    await store.insertBatch({ id: nextBatchId(), signal: "traces", body: traces({}, span()) });
    expect(await select(store.background, "SELECT count() AS n FROM spans")).toEqual([{ n: 1 }]);
    await store.close();
  });

  it.skipIf(process.platform !== "linux")("refuses a folder of the kernel, where making one would never end", async () => {
    for (const path of ["/proc/firstfix", "/proc/self/a/b", "/sys/firstfix"]) await expect(openStore({ path })).rejects.toMatchObject({ code: "store.unavailable", message: expect.stringMatching(/^The data directory \/\w+\/.* is no disk but the kernel's \(\w+\)\.$/) as string });
  });

  it("refuses a path that the engine would read as a pattern, and one that is no directory", async () => {
    for (const name of ["a*", "b?", "{c,d}", "e:f"]) await expect(openStore({ path: join(folder.path, name) })).rejects.toMatchObject({ code: "store.unavailable" });
    const path = join(folder.path, "file");
    await writeFile(path, "");
    await expect(openStore({ path })).rejects.toMatchObject({ code: "store.unavailable" });
  });
});

async function start(path: string, spans: number): Promise<{ process: ChildProcess; says: string }> {
  const child = spawn(process.execPath, [CHILD, path, String(spans)], { cwd: path, stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  let says = "";
  for await (const chunk of child.stdout) {
    says += String(chunk);
    if (says.includes("\n")) break;
  }
  return { process: child, says: says.trim() };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
