import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createProgram } from "../program.ts";

/** These need a store, and none is opened for a call that cannot be right. */
const folder = realpathSync(mkdtempSync(join(tmpdir(), "firstfix-refused-")));
const data = join(folder, "data");
const at = (path: string): string => join(folder, path);
const call = (...args: string[]): Promise<unknown> => createProgram().parseAsync([...args, "--config", at("firstfix.yaml")], { from: "user" });

beforeAll(() => {
  for (const name of ["plain", "shop/src", "maps", "none"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("firstfix.yaml"), `data: ${JSON.stringify(data)}\n`);
  writeFileSync(at("file"), "");
  execFileSync("git", ["init", "-q", at("shop")]);
  execFileSync("git", ["-C", at("shop"), "-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", "Start"]);
});
beforeEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REVISION = "0123456789abcdef0123456789abcdef01234567";
const ID = "grp_0123456789abcdef";

it.each<[string, readonly string[], string, RegExp, RegExp]>([
  ["a folder that is not there", ["repo", "add", "/nonexistent"], "bad_request", /^there is no folder \/nonexistent$/, /^Give the folder of a git repository, or an address/],
  ["a folder without a repository", ["repo", "add", at("plain")], "repository.missing", /plain is in no git repository$/, /^Give the folder of a git repository, or an address/],
  ["a folder below the root", ["repo", "add", at("shop/src")], "bad_request", /src lies in the repository .*shop and is not its root$/, /^firstfix repo add .*\/shop$/],
  ["a scheme for a host", ["repo", "add", "javascript:alert(1)"], "bad_request", /^the source javascript:alert\(1\) is no address/, /https:\/\//],
  ["a scheme for a name", ["repo", "add", at("shop"), "--url", "javascript:alert(1)"], "bad_request", /^--url javascript:alert\(1\) cannot be the name/, /such as https/],
  ["a name that is none", ["backfill", "--repo", at("shop"), "--url", "nope"], "bad_request", /^--url nope cannot be the name/, /such as https/],
  ["a scheme for a repository", ["backfill", "--repo", "javascript:x"], "bad_request", /^--repo javascript:x is no address/, /folder/],
  ["a revision that is not there", ["backfill", "--repo", at("shop"), "--rev", "nope"], "repository.revision_missing", /has no revision nope \(--rev\)$/, /git log/],
  ["a beginning to come", ["backfill", "--repo", at("shop"), "--since", "2999-01-01"], "bad_request", /^--since 2999-01-01 lies in the future$/, /date/],
  ["a day that no month has", ["report", "--since", "2026-02-31"], "bad_request", /^--since 2026-02-31 is no time$/, /date/],
  ["a limit that is none", ["report", "commits", "--limit", "1e9"], "bad_request", /^--limit 1e9 is no whole number$/, /^limit is a whole number from 1 to 1000\.$/],
  ["an order that is none", ["report", "commits", "--order", "up"], "bad_request", /^--order up is not known$/, /^order is one of incidents, newest, author, .*redeploys\.$/],
  ["an offset that is none", ["report", "commits", "--offset", "few"], "bad_request", /^--offset few is no whole number$/, /^offset is a whole number from 0 to 200000\.$/],
  ["a dimension that is none", ["report", "cycles", "--by", "moon"], "bad_request", /^--by moon is not known$/, /^by is one of assistant, /],
  ["a format that is none", ["report", "--format", "xml"], "bad_request", /^--format xml is not known$/, /table, json/],
  ["a limit too large", ["groups", "list", "--limit", "101"], "bad_request", /^--limit 101 is not from 1 to 100$/, /from 1 to 100\./],
  ["a limit below one", ["dlq", "list", "--limit", "-1"], "bad_request", /^--limit -1 is not from 1 to 1000$/, /from 1 to 1000\./],
  ["no time", ["dlq", "replay", "--all", "--since", "x"], "bad_request", /^--since x is no time$/, /date/],
  ["no maps", ["sourcemaps", "upload", at("none"), "--service", "s", "--revision", REVISION], "not_found", /^there is no source map in .*none$/, /bundler/],
  ["a folder of maps that is not there", ["sourcemaps", "upload", "/nonexistent", "--service", "s", "--revision", REVISION], "not_found", /^\/nonexistent cannot be read/, /bundler/],
  ["a device", ["sourcemaps", "upload", "/dev/null", "--service", "s", "--revision", REVISION], "bad_request", /^\/dev\/null is neither a folder nor a file$/, /bundler/],
  ["a revision that telemetry does not name", ["sourcemaps", "upload", at("maps"), "--service", "s", "--revision", "HEAD"], "bad_request", /^--revision HEAD is not allowed: a commit/, /git rev-parse HEAD/],
  ["a prefix upwards", ["sourcemaps", "upload", at("maps"), "--service", "s", "--revision", REVISION, "--url-prefix", "../x"], "bad_request", /^--url-prefix \.\.\/x is not allowed/, /help/],
  ["a revision to list that is none", ["sourcemaps", "list", "--revision", "nope"], "bad_request", /^--revision nope is not allowed/, /git rev-parse HEAD/],
])("refuses %s, with what to do, before a store is opened", async (_what, args, code, message, hint) => {
  await expect(call(...args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string, hint: expect.stringMatching(hint) as string });
  expect(existsSync(data)).toBe(false);
});

describe("maps that are none", () => {
  it("are named by their file, each with the reason, and keep no other from being sent", async () => {
    for (const [name, text] of [["a.js.map", "x"], ["b.js.map", "{}"], ["c\u001b[31m.js.map", '{"version":3,"sources":[],"names":[],"mappings":""}']] as const) writeFileSync(join(folder, "maps", name), text);
    const [said, told] = [vi.spyOn(console, "error").mockReturnValue(), vi.spyOn(console, "log").mockReturnValue()];
    await call("sourcemaps", "upload", at("maps"), "--service", "s", "--revision", REVISION);
    expect(said.mock.calls.flat()).toEqual([
      expect.stringMatching(/maps\/a\.js\.map: the source map is not taken: it is no JSON: /),
      `${at("maps/b.js.map")}: the source map is not taken: it is no source map of version 3`,
      `${at("maps/c\\u001b[31m.js.map")}: its name is not taken; that is a path with / and without control characters`,
    ]);
    expect(told.mock.calls.flat()).toEqual(["0 source maps of s at 0123456789ab uploaded, 3 refused."]);
    expect(process.exitCode).toBe(1);
    process.exitCode = undefined;
    await call("sourcemaps", "upload", at("maps"), "--service", "s", "--revision", REVISION, "--json");
    expect(JSON.parse(String(told.mock.lastCall?.[0]))).toMatchObject({ uploaded: [], failed: [{ file: "a.js", map: at("maps/a.js.map") }, {}, {}] });
    process.exitCode = undefined;
    expect(existsSync(data)).toBe(false);
  });
});

it("shows no control character of an id that is not there", async () => {
  const told = vi.spyOn(console, "log").mockReturnValue();
  await call("dlq", "drop", "n\u001b[31m");
  expect(told.mock.calls.flat()).toEqual(["n\\u001b[31m  missing: there is no dead letter n\\u001b[31m", "1 missing"]);
  process.exitCode = undefined;
  await expect(call("groups", "merge", ID, "nope")).rejects.toMatchObject({ code: "bad_request", message: 'groups.0 is not allowed: an id such as grp_0123456789abcdef, not "nope"' });
});

it("names what was asked for where nothing is found", async () => {
  const told = vi.spyOn(console, "log").mockReturnValue();
  await call("sourcemaps", "list", "--service", "nope", "--revision", REVISION);
  await call("groups", "list", "--service", "no\u202epe");
  expect(told.mock.calls.flat()).toEqual([`No source maps of nope at ${REVISION} were uploaded.`, "No errors of no\\u202epe in the last 30 days."]);
});

it("says that a filter of a report selects nothing, which may be written wrongly", async () => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await call("report", "--service", "no\u001b[31mpe", "--env", "production");
  expect(said.mock.calls.flat()).toEqual([expect.stringMatching(/^note: nothing was written or deployed with --service no\\u001b\[31mpe --env production in this period; firstfix repo list/)]);
  await call("report");
  expect(said).toHaveBeenCalledTimes(1);
});
