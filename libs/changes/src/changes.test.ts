import { join } from "node:path";
import { openRepository, type Repository } from "@firstfix/provenance";
import { select, type Store } from "@firstfix/store";
import { beforeAll, describe, expect, it } from "vitest";
import { backfill, recordChanges, type BackfillProgress } from "./index.ts";
import { CLAUDE, layHistory, noteText, numbered, numstat } from "./testing/history.ts";
import { recording } from "./testing/recording.ts";

const ADDRESS = "https://git.example.com/shop";
const { folder, laid: { repository: git, commits }, opened } = recording("changes", layHistory);
let store: Store;
let repository: Repository;

beforeAll(async () => {
  ({ store, repository } = await opened);
});

interface Row {
  readonly commit: string;
  readonly authorship: string;
  readonly agent: string;
  readonly model: string;
  readonly channel: string;
  readonly merge: boolean;
  readonly conflict: boolean;
  readonly evidence: string;
  readonly files: number;
  readonly lines_added: number;
  readonly lines_deleted: number;
  readonly lines: readonly { readonly authorship: string; readonly agent: string; readonly model: string; readonly count: number }[];
  readonly paths: readonly string[];
  readonly teams: readonly string[];
}

const ROWS = "SELECT * EXCEPT version FROM changes FINAL WHERE repository = ";
const rows = async (address = ADDRESS): Promise<Map<string, Row>> => new Map((await select<Row>(store.background, `${ROWS}'${address}' ORDER BY commit`)).map((row) => [row.commit, row]));
const shares = (address = ADDRESS): Promise<object[]> => select(store.background, `SELECT * EXCEPT (version, at) FROM line_shares FINAL WHERE repository = '${address}' AND lines > 0 ORDER BY path, authorship, agent, model`);
/** Written again from the rule's sentence, and not by the code under test. */
const notWritten = (path: string): boolean => ["gen/out.js", "package-lock.json", "dist/app.js", "vendor/lib.js", "web/x.min.js"].includes(path);

describe("a backfill that is stopped", () => {
  it("has no more done than it wrote", async () => {
    const stopped = "https://git.example.com/stopped";
    const stop = new AbortController();
    const tell = ({ what, done }: BackfillProgress): void => {
      if (what === "lines" && done > 0) stop.abort();
    };
    await backfill(store, repository, stopped, { tell, signal: stop.signal }).catch(() => {});
    const [saved] = await select<{ done: string }>(store.background, `SELECT toString(done) AS done FROM backfills FINAL WHERE repository = '${stopped}' AND what = 'lines'`);
    const [written] = await select<{ files: string }>(store.background, `SELECT toString(uniqExact(path)) AS files FROM line_shares WHERE repository = '${stopped}'`);
    expect(Number(saved?.done)).toBeGreaterThan(0);
    expect(Number(saved?.done)).toBeLessThanOrEqual(Number(written?.files));
  });
});

describe("changes of a whole history", () => {
  it("are what plain git counts, commit by commit", async () => {
    const steps: BackfillProgress[] = [];
    const result = await backfill(store, repository, ADDRESS, { tell: (step) => steps.push(step) });
    const all = git.git("rev-list", "main").trim().split("\n");
    expect(result).toMatchObject({ repository: ADDRESS, revision: git.head(), commits: all.length, recorded: all.length, known: 0, failed: 0, problems: [] });
    const found = await rows();
    expect([...found.keys()].sort()).toEqual([...all].sort());
    for (const id of all) {
      const row = found.get(id) as Row;
      const merge = id === commits.merge;
      const files = merge ? [] : numstat(git, id);
      const counted = files.filter(({ path, regular }) => regular && !notWritten(path));
      expect({ id, merge: row.merge, files: row.files, paths: [...row.paths].sort() }).toEqual({ id, merge, files: files.length, paths: files.map(({ path }) => path).sort() });
      expect([id, row.lines_added, row.lines_deleted]).toEqual([id, counted.reduce((sum, one) => sum + one.added, 0), counted.reduce((sum, one) => sum + one.deleted, 0)]);
      expect(row.lines.reduce((sum, one) => sum + one.count, 0)).toBe(row.lines_added);
      expect(Array.isArray(JSON.parse(row.evidence))).toBe(true);
    }
    expect(steps.findLast(({ what }) => what === "changes")).toMatchObject({ done: all.length, total: all.length, leftMs: 0 });
    expect(await select(store.background, `SELECT what, done = total AND total > 0 AS finished FROM backfills FINAL WHERE repository = '${ADDRESS}' ORDER BY what`)).toEqual([{ what: "changes", finished: 1 }, { what: "lines", finished: 1 }]);
  });

  it("say who wrote which lines, by the strongest evidence", async () => {
    const found = await rows();
    expect(found.get(commits.root)).toMatchObject({ authorship: "unknown", agent: "", channel: "" });
    expect(found.get(commits.claude)).toMatchObject({ authorship: "ai", agent: "Claude Code", channel: "trailer", lines: [{ authorship: "ai", agent: "Claude Code", count: 7 }] });
    expect(found.get(commits.copilot)).toMatchObject({ authorship: "ai", channel: "git-author", lines: [], lines_deleted: 1 });
    const noted = found.get(commits.noted);
    expect(noted).toMatchObject({ authorship: "mixed", channel: "git-ai-note", lines_added: 10 });
    expect(noted?.lines).toEqual(expect.arrayContaining([{ authorship: "ai", agent: "Cursor", model: "gpt-5", count: 5 }, { authorship: "human", agent: "", model: "", count: 2 }, { authorship: "unknown", agent: "", model: "", count: 3 }]));
    expect(found.get(commits.generated)).toMatchObject({ files: 6, lines_added: 3 });
    expect(found.get(commits.submodule)).toMatchObject({ files: 1, lines_added: 0 });
    expect(found.get(commits.names)).toMatchObject({ files: 7, lines_added: 10 });
  });

  it("name the teams of their files", async () => {
    const found = await rows();
    expect(found.get(commits.claude)?.teams).toEqual(["@shop/core", "@shop/web"]);
    expect(found.get(commits.binary)?.teams).toEqual(["@shop/web"]);
    expect(found.get(commits.empty)?.teams).toEqual([]);
  });

  it("stay the same when they are recorded twice, and when they are recorded again", async () => {
    const before = [await rows(), await shares()];
    const result = await backfill(store, repository, ADDRESS);
    expect(result).toMatchObject({ recorded: 0, known: result.commits, lines: { blamed: 0, skipped: 0 } });
    expect([await rows(), await shares()]).toEqual(before);
    expect(result.beside).toBe(0);
    const older = await backfill(store, repository, ADDRESS, { revision: commits.claude, lines: false });
    expect(older.beside).toBe(result.commits - older.commits);
    expect(older.beside).toBeGreaterThan(0);
    const again = await backfill(store, repository, ADDRESS, { again: true });
    expect(again).toMatchObject({ recorded: again.commits, known: 0 });
    expect([await rows(), await shares()]).toEqual(before);
  });
});

describe("lines of a revision", () => {
  it("are whose plain blame says, by the authors of the commits", async () => {
    const found = await rows();
    const expected = new Map<string, number>();
    const count = (path: string, { authorship, agent, model }: Pick<Row, "authorship" | "agent" | "model">): unknown => expected.set(JSON.stringify([path, authorship, agent, model]), (expected.get(JSON.stringify([path, authorship, agent, model])) ?? 0) + 1);
    for (const entry of git.git("ls-tree", "-r", "-z", "main").split("\0").filter((one) => one.startsWith("100"))) {
      const path = entry.slice(entry.indexOf("\t") + 1);
      if (notWritten(path) || path === "web/logo.png") continue;
      const blamed = git.git("blame", "--line-porcelain", "-w", "-M", "-C", "main", "--", path).split("\n").flatMap((line) => /^([0-9a-f]{40}) (\d+) \d+/.exec(line)?.slice(1) ?? []);
      for (let index = 0; index < blamed.length; index += 2) {
        const [commit = "", line = ""] = blamed.slice(index, index + 2);
        const unlisted = { authorship: "unknown", agent: "", model: "" };
        if (commit !== commits.noted) count(path, found.get(commit) as Row);
        else count(path, [1, 2, 3, 4, 9].includes(Number(line)) ? { authorship: "ai", agent: "Cursor", model: "gpt-5" } : [5, 6].includes(Number(line)) ? { ...unlisted, authorship: "human" } : unlisted);
      }
    }
    const stored = await select<{ path: string; authorship: string; agent: string; model: string; lines: number }>(store.background, `SELECT path, authorship, agent, model, lines FROM line_shares FINAL WHERE repository = '${ADDRESS}' AND lines > 0`);
    expect(Object.fromEntries(stored.map(({ path, authorship, agent, model, lines }) => [JSON.stringify([path, authorship, agent, model]), lines]))).toEqual(Object.fromEntries(expected));
    // Every regular file was looked at, also those without written lines.
    expect(await select(store.background, `SELECT uniqExact(path) AS files FROM line_shares FINAL WHERE repository = '${ADDRESS}'`)).toEqual([{ files: git.git("ls-tree", "-r", "-z", "main").split("\0").filter((one) => one.startsWith("100")).length }]);
  });
});

describe("what changes later", () => {
  it("is looked at again when a note arrives, and not before", async () => {
    git.note(commits.names, noteText("src/with space.js", "1-2", "9"));
    expect(await recordChanges(store, repository, ADDRESS, [commits.root, commits.names, commits.noted])).toBe(1);
    expect((await rows()).get(commits.names)).toMatchObject({ channel: "git-ai-note", lines_added: 10 });
    expect((await rows()).get(commits.names)?.lines).toContainEqual({ authorship: "ai", agent: "Cursor", model: "gpt-5", count: 2 });
    expect(await recordChanges(store, repository, ADDRESS, [commits.root, commits.names, commits.noted])).toBe(0);
  });

  it("leaves no share behind that is nobody's any more", async () => {
    const total = async (): Promise<unknown> => select(store.background, `SELECT sum(lines) AS n FROM line_shares FINAL WHERE repository = '${ADDRESS}' AND path = 'src/with space.js'`);
    expect(await total()).toEqual([{ n: 2 }]);
    await backfill(store, repository, ADDRESS, { again: true });
    expect(await total()).toEqual([{ n: 2 }]);
    expect(await select(store.background, `SELECT agent, lines FROM line_shares FINAL WHERE repository = '${ADDRESS}' AND path = 'src/with space.js' AND lines > 0`)).toEqual([{ agent: "Cursor", lines: 2 }]);
  });

  it("records what can be read when a commit cannot be, and names it", async () => {
    const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4905"; // no object has this id
    const text = `tree ${tree}\nparent ${git.head()}\nauthor A <a@example.com> 1 +0000\ncommitter A <a@example.com> 1 +0000\n\nbroken\n`;
    const broken = git.gitWith(text, { name: "A", email: "a@example.com" }, "hash-object", "-t", "commit", "-w", "--literally", "--stdin").trim();
    const problems: string[] = [];
    const written = await recordChanges(store, repository, "https://git.example.com/broken", [commits.claude, broken, commits.copilot], { rules: git.head(), problem: (commit) => problems.push(commit) });
    expect([written, problems]).toEqual([2, [broken]]);
  });

  it("stops at the signal and says so", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(backfill(store, repository, "https://git.example.com/stopped", { signal: stop.signal })).rejects.toThrow("enough");
  });

  it("takes only what was committed since a time", async () => {
    const result = await backfill(store, repository, "https://git.example.com/since", { lines: false, sinceMs: Date.UTC(2026, 0, 1, 0, 14) });
    expect(result.commits).toBe(git.git("rev-list", "--since=2026-01-01T00:14:00Z", "main").trim().split("\n").length);
    expect(result.commits).toBeLessThan(8);
    expect(result.lines).toBeNull();
  });

  it("refuses a shallow clone, whose first commits would be the authors of everything", async () => {
    const shallow = join(folder, "shallow");
    git.git("clone", "--quiet", "--depth=2", `file://${git.path}`, shallow);
    await expect(backfill(store, await openRepository(shallow), "https://git.example.com/shallow")).rejects.toMatchObject({ code: "repository.shallow", hint: expect.stringContaining("--unshallow") as string });
  });
});

it("keeps hostile texts bounded and free of control characters", async () => {
  const id = git.commit(`Sub\u001b[31mject ${"x".repeat(5_000)}\n\n${CLAUDE}`, { "src/h.js": numbered(1) }, { name: "A\u0007da\u009b", email: "a@example.com" });
  await recordChanges(store, repository, ADDRESS, [id]);
  const [row] = await select<{ subject: string; author_name: string }>(store.background, `SELECT subject, author_name FROM changes FINAL WHERE commit = '${id}'`);
  expect(row?.subject.length).toBeLessThanOrEqual(500);
  expect(`${row?.subject}${row?.author_name}`).not.toMatch(/\p{Cc}/u);
});
