import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";

/**
 * The process that holds chDB's lock on a data directory, or null when none seems to. chDB writes its process id into
 * `status` and keeps that file locked; the file outlives a kill -9, so the id alone proves nothing: where the system
 * shows open files, the process must have this one open. The engine's own lock decides in the end; this only finds
 * out who holds it, which the engine does not say.
 */
export async function lockHolder(root: string): Promise<number | null> {
  const status = join(root, "status");
  const text = await readFile(status, "utf8").catch(() => "");
  const pid = Number(/^PID: (\d+)/m.exec(text)?.[1] ?? 0);
  if (pid === 0 || pid === process.pid || !isAlive(pid)) return null;
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => null);
  if (names === null) return process.platform === "linux" ? null : pid;
  const targets = await Promise.all(names.map((name) => readlink(join(folder, name)).catch(() => "")));
  return targets.includes(await realpath(status).catch(() => status)) ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
