import { randomUUID } from "node:crypto";
import { constants, copyFile, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { FirstfixError } from "@firstfix/kit";

const BEAT_MS = 5_000;
/** A holder that has not touched its file for so long is gone, wherever it ran. */
const STALE_MS = 60_000;
const POLL_MS = 100;
/** Locks that this process holds: in a container the next process has the same name and number as the one that died. */
const held = new Set<string>();

/**
 * Does the work while no other process does. The lock is a file `pid host token`, touched while the work goes on; one
 * left by a process that died (kill -9, power) is taken over: at once where its process is seen to be gone, else when
 * it has grown old. Waits at most `waitMs`, then throws conflict.
 */
export async function withLock<T>(file: string, waitMs: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const mine = `${process.pid} ${hostname()} ${randomUUID()}`;
  const until = Date.now() + waitMs;
  while (!(await take(file, mine))) {
    signal?.throwIfAborted();
    if (await takeOver(file)) continue;
    if (Date.now() >= until) throw new FirstfixError("conflict", "Another process is fetching this repository.", { retryable: true, hint: "It is tried again; or wait until it is done." });
    await sleep(POLL_MS);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    held.delete(mine);
    if ((await readFile(file, "utf8").catch(() => "")) === mine) await rm(file, { force: true });
  }
}

async function take(file: string, mine: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    held.add(mine);
    try {
      await handle.writeFile(mine);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Whether the lock that stood there is gone now. Of several that see it stale one moves it away; a fresh one is put back. */
async function takeOver(file: string): Promise<boolean> {
  const seen = await readFile(file, "utf8").catch(() => null);
  if (seen === null) return true;
  const age = Date.now() - (await stat(file).then((one) => one.mtimeMs, () => Date.now()));
  const [pid, host] = seen.split(" ");
  const dead = host === hostname() && (Number(pid) === process.pid ? !held.has(seen) : !isAlive(Number(pid)));
  if (!dead && age < STALE_MS) return false;
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return true; // somebody was faster
  }
  if ((await readFile(aside, "utf8").catch(() => seen)) !== seen) await copyFile(aside, file, constants.COPYFILE_EXCL).catch(() => {});
  await rm(aside, { force: true });
  return true;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
