import { PULL_REQUEST_MARKER, type PullRequestSummary, type Report } from "@firstfix/report";
import { openConfiguredStore } from "../../../services/parts.ts";
import { loadConfig } from "@firstfix/kit";
import { appendEvents, insertRows, type Store } from "@firstfix/store";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GitSandbox } from "../../../libs/provenance/src/testing/sandbox.ts";
import { command } from "../../harness/command.ts";
import { makeWorld, writeWorld } from "./world.ts";

const MAIN = resolve("services/cli/src/main.ts");
let folder: string;

const firstfix = (args: readonly string[], cwd = folder): Promise<string> => command(process.execPath, [MAIN, "report", ...args], { cwd, env: { FIRSTFIX_DATA: join(folder, "data") }, timeoutMs: 60_000 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "firstfix-reports-"));
  const store = await openConfiguredStore(loadConfig(undefined, { FIRSTFIX_DATA: join(folder, "data") }));
  await writeWorld(store, makeWorld(31, 60, Date.now()));
  await blame(store);
  await store.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** An incident that blames a commit of the shop, which changed src/pay.ts. */
async function blame(store: Store): Promise<void> {
  const repository = "https://git.example/shop";
  const commit = "b".repeat(40);
  await insertRows(store.background, "changes", [{ repository, commit, committed_at: new Date(), paths: ["src/pay.ts"], version: 1 }]);
  const witness = { traceId: "", spanId: "", operation: "", time: 0 };
  const suspect = { commit, subject: "", authorName: "", authoredAt: 0, score: 1, parts: [], attribution: { authorship: "unknown", agent: "", model: "", confidence: 0, evidence: [] }, diff: "", assistantLines: {} } as const;
  await appendEvents(store, "correlator", [
    { event: { kind: "incident.opened", incidentId: "inc_0123456789abcdef", deployment: { service: "shop", environment: "production", revision: commit, repository, firstSeen: 0 }, finding: { kind: "error", key: "g", title: "TypeError: <b>no price</b>", witness, count: 1, firstSeen: 0 } } },
    { event: { kind: "suspects.ranked", incidentId: "inc_0123456789abcdef", ranking: { good: null, bad: commit, candidates: 1, abstained: null, suspects: [suspect] } } },
  ]);
}

describe("firstfix report", () => {
  it("prints every report, by assistant without a kind", async () => {
    expect(await firstfix([])).toMatch(/^Reliability by assistant, from \d{4}-/);
    // Each run opens the store anew, so not all of them: the operation is the same.
    for (const kind of ["bound", "model"]) expect((JSON.parse(await firstfix([kind, "--format", "json", "--since", "all"])) as Report).query.by).toBe(kind);
    for (const [kind, title] of [["commits", "Commits"], ["trend", "Week by week"]] as const) expect(await firstfix([kind])).toMatch(new RegExp(`^${title}`));
  });

  it("as CSV and Markdown, into a file", async () => {
    expect(await firstfix(["team", "--format", "csv", "--out", "team.csv"])).toBe("");
    expect(await readFile(join(folder, "team.csv"), "utf8")).toMatch(/^by,key,label,.*\r\nteam,(.*\r\n)*team,name:,No owner,/);
    expect(await firstfix(["cycles", "--format", "markdown"])).toMatch(/^### Redeploys.*\n\n\| Of \| Closed incidents \|/);
    expect(await firstfix(["commits", "--format", "csv", "--limit", "3", "--order", "newest"])).toMatch(/^repository,commit,subject,(.*\r\n)(https:\/\/git\.example\/(shop|pay),[0-9a-f]{40},.*\r\n){3}$/);
  });

  it("filters", async () => {
    const of = async (...more: string[]): Promise<Report> => JSON.parse(await firstfix(["repository", "--format", "json", "--since", "all", ...more])) as Report;
    const all = await of();
    const shop = await of("--repo", "https://user:secret@git.example/shop.git/");
    expect(shop.rows.map((row) => row.label)).toEqual(["https://git.example/shop"]);
    expect(shop.total.size.changes).toBe(all.rows.find((row) => row.label === "https://git.example/shop")?.size.changes);
    expect((await of("--until", "2020-01-01")).total.size.changes).toBe(0);
    expect((await of("--service", "cart", "--env", "production")).total.size.deployed).toBeLessThan(all.total.size.deployed);
  });

  it.each([
    [["foo"], /there is no report foo/],
    [["--format", "xml"], /--format xml is not known/],
    [["--since", "yesterday"], /--since yesterday is no time/],
    [["--until", "yesterday"], /--until yesterday is no time/],
    [["--since", "2026-03-01", "--until", "2026-02-01"], /until 2026-02-01\S* is not after since 2026-03-01/],
    [["commits", "--limit", "0"], /hint: limit is a whole number from 1 to 1000/],
    [["commits", "--limit", "99999"], /hint: limit is a whole number from 1 to 1000/],
    [["commits", "--limit", "few"], /--limit few is no whole number\s+hint: limit is a whole number from 1 to 1000/],
    [["commits", "--order", "zzz"], /hint: order is one of incidents, newest/],
    [["cycles", "--by", "moon"], /hint: by is one of assistant, model, repository, service, team, authorship, bound/],
    [["trend", "--by", "team"], /report trend takes no --by\s+hint: --by is for firstfix report cycles/],
    [["team", "--limit", "3"], /report team takes no --limit/],
    [["trend", "--search", "x"], /report trend takes no --search/],
    [["commits", "--search", "a b c d e f g h i"], /q is too long[^]*8 words/],
    [["--out", "/nonexistent/x.txt"], /--out \/nonexistent\/x.txt cannot be written: .*\s+hint: Name a file in a folder that exists/],
  ])("refuses %j and says what is allowed", async (args, says) => {
    await expect(firstfix(args)).rejects.toThrow(says);
  });
});

describe("firstfix report pr", () => {
  const git = new GitSandbox();
  let base: string;

  beforeAll(() => {
    base = git.commit("base", { "src/pay.ts": "one\n", CODEOWNERS: "/src/ @shop/pay\n" });
    git.commit("Add discounts | <img src=x onerror=alert(1)> @everyone fixes #1\n\nCo-Authored-By: Claude Opus 4 <noreply@anthropic.com>", { "src/pay.ts": "one\ntwo\nthree\n", "a|b`c.ts": "x\n", "package-lock.json": "{\n}\n" });
    git.commit("By hand [click](https://evil.example)", { "src/mail.ts": "1\n2\n3\n4\n" });
  });
  afterAll(() => git.remove());

  it("summarises who wrote what, without a server and without leaving anything behind", async () => {
    const before = await readdir(git.path);
    const summary = JSON.parse(await firstfix(["pr", "--repo", ".", "--base", base, "--head", "main", "--format", "json"], git.path)) as PullRequestSummary;
    expect(summary.commits.map((one) => one.linesAdded)).toEqual([4, 3]);
    expect(summary.assistants).toEqual({ linesMin: 3, linesMax: 7 });
    expect(summary.writers.map(({ authorship, agent, lines, commits }) => ({ authorship, agent, lines, commits }))).toEqual([{ authorship: "unknown", agent: "", lines: 4, commits: 1 }, { authorship: "ai", agent: "Claude Code", lines: 3, commits: 1 }]);
    expect(summary.writers[1]?.evidence).toEqual([expect.stringContaining("Co-Authored-By: Claude Opus 4")]);
    expect(summary.files.find((one) => one.path === "src/pay.ts")).toMatchObject({ lines: { ai: 2, unknown: 0 }, owners: ["@shop/pay"] });
    // A lock file is listed, its lines are nobody's writing.
    expect(summary.files.find((one) => one.path === "package-lock.json")?.lines).toEqual({ ai: 0, human: 0, mixed: 0, unknown: 0 });
    expect(summary.warnings.join("\n")).toMatch(/Nothing says who wrote 4 of 7 lines/);
    expect(summary.warnings.join("\n")).toMatch(/1 of 2 commits say by a trailer/);
    expect(await readdir(git.path)).toEqual(before);
  });

  it("as a comment that CI can find again, in which the repository's text does nothing", async () => {
    const text = await firstfix(["pr", "--base", base, "--head", "main"], git.path);
    expect(text.startsWith(`${PULL_REQUEST_MARKER}\n`)).toBe(true);
    // Four of the seven are of nobody knows whom: a lower bound is said to be one.
    expect(text).toContain("at least 42.9% of the lines by assistants, and up to 100% with those of mixed or unknown authorship.");
    expect(text).not.toMatch(/(?<!\\)<img|@everyone|@shop|#1\b|https:\/\/evil|(?<!\\)\[click/);
    const files = text.split("\n").find((line) => line.includes("b\\`c.ts"));
    expect(files).toContain("a\\|b\\`c.ts");
    for (const line of text.split("\n").filter((one) => one.startsWith("|"))) expect(line.replaceAll("\\|", "").split("|").length).toBeGreaterThan(5);
  });

  it("does not say 0% where nothing says who wrote it, and says a share plainly where all is known", async () => {
    expect(await firstfix(["pr", "--base", "main~1", "--head", "main"], git.path)).toContain("; no line is known to be an assistant's alone, and up to 100% may be.");
    expect(await firstfix(["pr", "--base", base, "--head", "main~1"], git.path)).toContain("; 100% of the lines by assistants.");
  });

  it("with a Firstfix, names the incidents that blamed earlier changes of its files", async () => {
    const config = join(folder, "ci.yaml");
    await writeFile(config, `data: ${JSON.stringify(join(folder, "data"))}\n`);
    const text = await firstfix(["pr", "--base", base, "--head", "main", "--config", config, "--address", "https://git.example/shop.git"], git.path);
    expect(text).toContain("1 of the files were changed before by commits that incidents blame");
    expect(text).toContain("| src/pay.ts | 2 | 0 | 0 | 0 | @\u200bshop/pay | inc\\_0123456789abcdef TypeError: \\<b\\>no price\\</b\\> |");
  });

  it("asks a Firstfix only where it is told to", async () => {
    const text = await command(process.execPath, [MAIN, "report", "pr", "--base", base, "--head", "main", "--config", join(folder, "firstfix.yaml")], { cwd: git.path, timeoutMs: 60_000 }).catch(String);
    expect(text).toMatch(/firstfix\.yaml/);
  });

  it("says that a merge changes lines itself, which no commit's figures hold", async () => {
    const from = git.git("rev-parse", "HEAD");
    git.git("checkout", "--quiet", "-b", "side", `${from}~1`);
    git.commit("Aside", { "src/aside.ts": "1\n" });
    git.git("checkout", "--quiet", "--detach", from);
    git.git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "merge", "--quiet", "--no-ff", "--no-commit", "side");
    const merge = git.commit("Merge side\n\nCo-Authored-By: Claude <noreply@anthropic.com>", { "src/evil.ts": "1\n2\n3\n" });
    expect(git.git("rev-list", "--count", "--merges", "-1", merge)).toBe("1");
    expect(await firstfix(["pr", "--base", from, "--head", merge], git.path).then((text) => text.replaceAll("\u200b", ""))).toContain(`- ⚠️ The merge ${merge.slice(0, 10)} changes lines beyond what was merged: they are in no figure here.`);
    git.git("checkout", "--quiet", "main");
    expect(await firstfix(["pr", "--base", base, "--head", "main"], git.path)).not.toContain("beyond what was merged");
  });

  it("of nothing says so, and a missing revision is an error", async () => {
    expect(await firstfix(["pr", "--base", "main", "--head", "main"], git.path)).toMatch(/^<!-- firstfix:pull-request -->\n\n### Who wrote this\n\n(?:- .*\n)*- The head holds no commit that the base has not\.\n(?:- .*\n)*$/);
    await expect(firstfix(["pr", "--base", "nope", "--head", "main"], git.path)).rejects.toThrow(/no revision nope/);
    await expect(firstfix(["pr", "--base", "main", "--head", "main", "--format", "csv"], git.path)).rejects.toThrow(/markdown or json/);
  });
});
