import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRepository, type Repository } from "@firstfix/provenance";
import { openStore, type Store } from "@firstfix/store";
import { afterAll } from "vitest";
import { TestRepository } from "./repository.ts";

export interface Recording<T> {
  readonly git: TestRepository;
  readonly laid: T;
  /** For whatever else a test keeps on disk. */
  readonly folder: string;
  readonly opened: Promise<{ readonly store: Store; readonly repository: Repository }>;
}

/** A store of a test file's own and a repository that `lay` fills; both are removed when its tests have run. */
export function recording<T>(name: string, lay: (git: TestRepository) => T): Recording<T> {
  const folder = mkdtempSync(join(tmpdir(), `firstfix-${name}-`));
  const git = new TestRepository();
  const laid = lay(git);
  const open = async (): Promise<{ store: Store; repository: Repository }> => ({ store: await openStore({ path: join(folder, "data") }), repository: await openRepository(git.path) });
  const opened = open();
  afterAll(async () => {
    await (await opened).store.close();
    git.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  return { git, laid, folder, opened };
}
