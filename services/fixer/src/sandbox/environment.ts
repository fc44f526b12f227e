import { nodeFolder } from "./bubblewrap.ts";

/** The whole environment of an application in the sandbox. Nothing of ours passes: no key, no token, no address. */
export function applicationEnv(memoryBytesMax: number): Record<string, string> {
  const heapMiB = Math.max(64, Math.floor((memoryBytesMax * 0.6) / (1024 * 1024)));
  return { PATH: `${nodeFolder}:/usr/local/bin:/usr/bin:/bin`, HOME: "/tmp", TMPDIR: "/tmp", LANG: "C.UTF-8", TZ: "UTC", NODE_OPTIONS: `--max-old-space-size=${heapMiB}` };
}

/** Dependency folders, each at its own absolute path and read-only. */
export function readablePaths(dependencies: readonly string[]): string[] {
  return [...new Set(dependencies)];
}
