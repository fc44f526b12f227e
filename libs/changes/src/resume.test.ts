import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openRepository } from "@firstfix/provenance";
import { openStore, select, type Store } from "@firstfix/store";
import { afterAll, expect, it } from "vitest";
import { backfill } from "./index.ts";
import { TestRepository } from "./testing/repository.ts";

const ADDRESS = "https://git.example.com/long";
const COMMITS = 900;
const FILES = 120;
const folder = mkdtempSync(join(tmpdir(), "firstfix-resume-"));
const git = new TestRepository();

afterAll(() => {
  git.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Many commits from one git process. */
function lay(): void {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = Array.from({ length: COMMITS }, (_, index) => {
    const path = `src/f${index % FILES}.js`;
    const text = Array.from({ length: 5 + Math.floor(index / FILES) }, (_line, line) => `const x${line} = ${line * (1 + (index % 7))};\n`).join("");
    const trailer = index % 3 === 0 ? "\n\nCo-Authored-By: Claude <noreply@anthropic.com>" : "";
    return `commit refs/heads/main\nmark :${index + 1}\ncommitter Ada Example <ada@example.com> ${1_767_225_600 + index * 60} +0000\n${data(`Change ${index}${trailer}`)}M 100644 inline ${path}\n${data(text)}`;
  });
  git.gitWith(stream.join(""), { name: "Ada", email: "ada@example.com" }, "fast-import", "--quiet");
}

/** Runs the child until it says what is waited for, and kills it with kill -9; returns all that it said. */
async function killed(after: (line: string) => boolean): Promise<string[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("testing/child.ts", import.meta.url)), join(folder, "data"), git.path, ADDRESS], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (after(line)) child.kill("SIGKILL");
  }
  await ended;
  return lines;
}

const rowsOf = async (store: Store, table: string, address: string): Promise<object[]> => {
  const order = table === "changes" ? "commit" : "path, authorship, agent, model";
  return select(store.background, `SELECT * EXCEPT (repository, version${table === "changes" ? "" : ", at"}) FROM ${table} FINAL WHERE repository = '${address}' ORDER BY ${order}`);
};

it("goes on after kill -9, in the changes and in the lines, and ends with the rows of a run that nobody disturbed", async () => {
  lay();
  const done = (line: string): number => Number(line.split(" ")[1]);
  const first = await killed((line) => line.startsWith("changes") && done(line) >= 200);
  expect(first.some((line) => line.startsWith("done"))).toBe(false);
  const second = await killed((line) => line.startsWith("lines") && done(line) >= 20);
  expect(second.some((line) => line.startsWith("done"))).toBe(false);
  const store = await openStore({ path: join(folder, "data") });
  try {
    const repository = await openRepository(git.path);
    const resumed = await backfill(store, repository, ADDRESS);
    // What the killed ones had written was not done again.
    expect(resumed).toMatchObject({ commits: COMMITS, failed: 0 });
    expect(resumed.known).toBeGreaterThanOrEqual(200);
    expect(resumed.recorded).toBe(COMMITS - resumed.known);
    const fresh = "https://git.example.com/fresh";
    expect(await backfill(store, repository, fresh)).toMatchObject({ recorded: COMMITS, known: 0, lines: { files: FILES, blamed: FILES } });
    for (const table of ["changes", "line_shares"]) expect(await rowsOf(store, table, ADDRESS)).toEqual(await rowsOf(store, table, fresh));
    expect(await select(store.background, `SELECT count() AS n, countIf(authorship = 'ai') AS ai FROM changes FINAL WHERE repository = '${ADDRESS}'`)).toEqual([{ n: COMMITS, ai: COMMITS / 3 }]);
  } finally {
    await store.close();
  }
}, 180_000);
