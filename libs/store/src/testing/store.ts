import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../api.ts";
import { openStore } from "../open.ts";

/** An empty directory and its removal. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "firstfix-store-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A fresh embedded store. The engine takes one directory per process: close it before the next. */
export async function temporaryStore(): Promise<{ store: Store; path: string; dispose: () => Promise<void> }> {
  const { path, remove } = await temporaryFolder();
  const store = await openStore({ path });
  return {
    store,
    path,
    async dispose() {
      await store.close();
      await remove();
    },
  };
}
