import { select } from "@firstfix/store";
import { expect, it } from "vitest";
import { CHANGE_BOUNDS } from "./bounds.ts";
import { backfill } from "./index.ts";
import { CLAUDE } from "./testing/history.ts";
import { recording } from "./testing/recording.ts";

const ADDRESS = "https://git.example.com/large";
const LINE = "0123456789abcde\n";
const LINES = CHANGE_BOUNDS.blameFileBytes / LINE.length + 1;
const { git, opened } = recording("left-out", (repository) => {
  repository.commit("Begin", { "a.js": "one\n", "just.txt": LINE.repeat(LINES - 1), "large.txt": LINE.repeat(LINES), "data/tab\té.txt": LINE.repeat(LINES), "large.bin": Buffer.alloc(CHANGE_BOUNDS.blameFileBytes + 1), "vendor/large.js": LINE.repeat(LINES) });
});

it("says how many lines are in text files that are too large to be blamed, and counts them once they are small", async () => {
  const { store, repository } = await opened;
  const shares = async (): Promise<unknown> =>
    (await select<{ path: string; n: number; out: number }>(store.background, `SELECT path, toUInt32(sum(lines)) AS n, toUInt32(sum(lines_left_out)) AS out FROM line_shares FINAL WHERE repository = '${ADDRESS}' AND revision = '${git.git("rev-parse", "HEAD").trim()}' GROUP BY path ORDER BY path`)).map((row) => [row.path, row.n, row.out]);
  await backfill(store, repository, ADDRESS);
  expect(await shares()).toEqual([["a.js", 1, 0], ["data/tab\té.txt", 0, LINES], ["just.txt", LINES - 1, 0], ["large.bin", 0, 0], ["large.txt", 0, LINES], ["vendor/large.js", 0, 0]]);
  git.commit(`Shorter\n\n${CLAUDE}`, { "large.txt": LINE.repeat(3) });
  await backfill(store, repository, ADDRESS);
  expect(await shares()).toContainEqual(["large.txt", 3, 0]);
});
