import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const CACHE = fileURLToPath(new URL("../../.firstfix/cache/", import.meta.url));
/** The longest build takes minutes on an idle machine; beyond this its builder is taken for hung. */
const WAIT_MS = 20 * 60_000;

/**
 * A folder of the cache, filled once by `make` for as long as `key` (versions, sources) stays the same, and shared by
 * all processes: the first makes it under a lock, the others wait. What was left half made is made anew.
 */
export async function cached(name: string, key: readonly string[], make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  const done = `${folder}.done`;
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex");
  const made = (): boolean => existsSync(done) && readFileSync(done, "utf8") === hash;
  if (made()) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (made()) return folder;
    rmSync(done, { force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await make(folder);
    writeFileSync(done, hash);
    return folder;
  } finally {
    unlock();
  }
}

async function lock(path: string): Promise<() => void> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch {
      if (isStale(path)) rmSync(path, { force: true });
      else if (Date.now() > deadline) throw new Error(`${path}: its holder did not finish within ${WAIT_MS / 60_000} minutes`);
      else await sleep(500);
    }
  }
}

/** Whether the holder of a lock has ended without giving it back. */
function isStale(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // A lock without a number is being written this moment, or its writer was killed amid that.
    if (pid === 0) return Date.now() - statSync(path).mtimeMs > 10_000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
