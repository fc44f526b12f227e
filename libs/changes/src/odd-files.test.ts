import { lineAuthors } from "@firstfix/provenance";
import { select } from "@firstfix/store";
import { expect, it } from "vitest";
import { backfill } from "./index.ts";
import { CLAUDE, numbered } from "./testing/history.ts";
import { recording } from "./testing/recording.ts";
import { ADA } from "./testing/repository.ts";

const ADDRESS = "https://git.example.com/odd";
const MIB = 1024 * 1024;
const { opened } = recording("odd", (git) => {
  const root = git.commit("Begin", { "src/a.js": numbered(3), shape: "a file\n", "was/folder": "x\n", "crlf.js": "one\r\ntwo\r\nthree\r\n", "empty.js": "", "no-end.js": "one\ntwo" });
  git.remove("shape");
  git.remove("was/folder");
  git.git("rm", "-r", "--quiet", "--cached", "was/folder");
  git.commit(`Shapes change\n\n${CLAUDE}`, { "shape/inner.js": numbered(2, "inner") });
  git.unfolder("was");
  git.commit(`And back\n\n${CLAUDE}`, { was: numbered(4, "was"), "crlf.js": "one\r\nTWO\r\nthree\r\n", "no-end.js": "one\nTWO" });
  git.link("link.js", "src/a.js");
  git.commit("Names", { "new\nline.js": "n\n", 'qu"ote.js': "q\n", "tab\t.js": "t\n", "back\\slash.js": "b\n", "-rf": "r\n", ":(glob)*": "g\n", "日本 é.js": "j\n", "end \n": "e\n", "nul.bin": Buffer.from([1, 0, 10, 2]) });
  git.commit("Large", { "large.txt": "0123456789abcde\n".repeat((3 * MIB) / 16), "huge.txt": "0123456789abcde\n".repeat((100 * MIB) / 16) });
  git.git("update-index", "--add", "--cacheinfo", `160000,${root},lib/sub`);
  git.gitWith("Submodule", ADA, "commit", "--quiet", "--file=-");
  // Names that no text can hold: caf\xe9.js, caf\xe8.js, and a folder that begins with what ends a line.
  git.bytes("Bytes", [[Buffer.from("caf\xe9.js", "latin1"), "one\ntwo\n"], [Buffer.from("caf\xe8.js", "latin1"), "three\n"], [Buffer.from("\xff\n$(x) %s/'\".js\n", "latin1"), "four\n"]]);
  git.bytes(`More bytes\n\n${CLAUDE}`, [[Buffer.from("caf\xe9.js", "latin1"), "one\ntwo\nmore\nand more\n"]]);
});

it("backfills a repository of files of every name, kind and size", async () => {
  const { store, repository } = await opened;
  const result = await backfill(store, repository, ADDRESS);
  expect(result).toMatchObject({ problems: [], failed: 0, recorded: result.commits });
  const rows = await select<{ path: string; agent: string; lines: number }>(store.background, `SELECT path, agent, lines FROM line_shares FINAL WHERE repository = '${ADDRESS}' ORDER BY path, agent`);
  const found = Object.fromEntries(Map.groupBy(rows, ({ path }) => path).entries().map(([path, some]) => [path, Object.fromEntries(some.map(({ agent, lines }) => [agent, lines]))]));
  const nobody = { "": 1 };
  expect(found).toEqual({
    "src/a.js": { "": 3 }, "shape/inner.js": { "Claude Code": 2 }, was: { "Claude Code": 4 },
    "crlf.js": { "": 2, "Claude Code": 1 }, "empty.js": { "": 0 }, "no-end.js": { "": 1, "Claude Code": 1 },
    "new\nline.js": nobody, 'qu"ote.js': nobody, "tab\t.js": nobody, "back\\slash.js": nobody, "-rf": nobody, ":(glob)*": nobody, "日本 é.js": nobody, "end \n": nobody,
    "nul.bin": { "": 0 }, "large.txt": { "": 0 }, "huge.txt": { "": 0 },
    '"caf\\351.js"': { "": 2, "Claude Code": 2 }, '"caf\\350.js"': nobody, '"\\377\\012$(x) %s/\'\\".js\\012"': nobody,
  });
  // A file of 2 to 8 MiB is not blamed, and said to be left out; of a longer one git counts no lines.
  expect(result.lines?.leftOut).toEqual({ files: 1, lines: (3 * MIB) / 16 });
  expect(await select(store.background, `SELECT countIf(left_out > 0) AS files, sum(left_out) AS lines FROM line_shares FINAL WHERE repository = '${ADDRESS}'`)).toEqual([{ files: 1, lines: (3 * MIB) / 16 }]);
  const again = await backfill(store, repository, ADDRESS, { again: true });
  expect(again.lines?.leftOut).toEqual(result.lines?.leftOut);
  const changes = await select<{ subject: string; files: number; lines_added: number; paths: string[] }>(store.background, `SELECT subject, files, lines_added, paths FROM changes FINAL WHERE repository = '${ADDRESS}'`);
  const of = (subject: string): object | undefined => changes.find((one) => one.subject === subject);
  expect(of("More bytes")).toMatchObject({ files: 1, lines_added: 2, paths: ['"caf\\351.js"'] });
  expect(of("Bytes")).toMatchObject({ files: 3, lines_added: 4 });
  expect(of("Names")).toMatchObject({ files: 10, lines_added: 8 });
  expect(of("Submodule")).toMatchObject({ files: 1, lines_added: 0 });
  // One file by itself as well, by the name that is shown.
  const last = await repository.commit("HEAD");
  expect((await lineAuthors(repository, last.id, '"caf\\351.js"')).map(({ line, text, attribution }) => [line, text, attribution.agent])).toEqual([[1, "one", ""], [2, "two", ""], [3, "more", "Claude Code"], [4, "and more", "Claude Code"]]);
  expect(await repository.readFile(last.id, '"caf\\350.js"')).toBe("three\n");
  expect(await repository.readFile(last.id, '"caf\\347.js"')).toBeNull();
  // A file that is too long for lines counts as binary, here as to git.
  expect(of("Large")).toMatchObject({ files: 2, lines_added: (3 * MIB) / 16 });
}, 120_000);
