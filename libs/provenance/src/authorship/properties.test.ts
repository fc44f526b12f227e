import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBlame } from "../git/blame.ts";
import { decodePath, escapedPath, splitPaths, unquote } from "../git/paths.ts";
import { addedLines, parsePatch } from "../git/patch.ts";
import { isPlainPath } from "../git/tree.ts";
import { AdditionsReader, covers, type Additions, type FileAdditions } from "./additions.ts";
import { parseAgentTraces } from "./agent-trace.ts";
import { parseEntireSession, entireFolder, entireSessions } from "./entire.ts";
import { parseGitAiNote } from "./git-ai-note.ts";
import { knownAgent, modelOfName, namedAgent, parseIdentity } from "./identities.ts";
import { commitEvidence, conflicts, judge, ofCommit, ofLines } from "./judge.ts";
import { parseRawCommit } from "./raw-commit.ts";
import { isSquashed, quotedCommits } from "./squash.ts";
import { parseTrailers } from "./trailers.ts";

const ID = "a".repeat(40);
const path = fc.array(fc.stringMatching(/^[a-z0-9._ é"\t-]{1,8}$/).filter((part) => part.trim() === part && part !== "." && part !== ".."), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
/** Ascending ranges that do not touch. */
const ranges = fc.array(fc.tuple(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 8 }).map((steps) => {
  let at = 0;
  return steps.map(([gap, length]) => ({ from: (at += gap), to: (at += length - 1) }));
});
const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 3000 }));

describe("documents that were printed are read back", () => {
  it("git-ai notes", () => {
    const key = fc.oneof(fc.stringMatching(/^[0-9a-f]{16}$/), fc.stringMatching(/^[0-9a-f]{7}$/), fc.stringMatching(/^s_[0-9a-f]{14}::t_[0-9a-f]{14}$/), fc.stringMatching(/^h_[0-9a-f]{14}$/));
    const quoted = (name: string): string => (/[ \t\n"]/.test(name) ? `"${name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\t", "\\t")}"` : name);
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(path, fc.uniqueArray(fc.tuple(key, ranges), { maxLength: 3 })), { maxLength: 4, selector: ([name]) => name }), (files) => {
        const upper = files.map(([name, entries]) => [quoted(name), ...entries.map(([who, some]) => `  ${who} ${some.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(",")}`)].join("\n"));
        const note = parseGitAiNote(`${upper.join("\n")}\n---\n${JSON.stringify({ schema_version: "authorship/3.1.0", base_commit_sha: ID, prompts: { x: { overriden_lines: 3 } } }, null, 2)}\n`);
        expect(note?.problems).toEqual([]);
        expect(note?.lines.map((one) => [one.path, one.from, one.to, one.authorship])).toEqual(files.flatMap(([name, entries]) => entries.flatMap(([who, some]) => some.map(({ from, to }) => [name, from, to, who.startsWith("h_") ? "unknown" : "ai"]))));
      }),
    );
  });

  it("Agent Trace records", () => {
    const type = fc.constantFrom("ai", "human", "mixed", "unknown");
    fc.assert(
      fc.property(fc.array(fc.tuple(path, type, ranges), { maxLength: 5 }), (files) => {
        const record = { version: "1.0", id: "x", timestamp: "2026-01-01T00:00:00Z", vcs: { type: "git", revision: ID }, files: files.map(([name, kind, some]) => ({ path: name, conversations: [{ contributor: { type: kind, model_id: "anthropic/m" }, ranges: some.map(({ from, to }) => ({ start_line: from, end_line: to })) }] })) };
        const { lines, problems } = parseAgentTraces(`${JSON.stringify(record)}\n`, [ID]);
        expect(problems).toEqual([]);
        expect(lines.map((one) => [one.path, one.from, one.to, one.authorship])).toEqual(files.flatMap(([name, kind, some]) => some.map(({ from, to }) => [name, from, to, kind])));
      }),
    );
  });

  it("trailers", () => {
    const trailer = fc.tuple(fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/), fc.stringMatching(/^[^\s][ -~]{0,40}$/).filter((value) => value.trim() === value));
    fc.assert(
      fc.property(fc.array(trailer, { minLength: 1, maxLength: 20 }), (some) => {
        expect(parseTrailers(`Subject\n\n${some.map(([key, value]) => `${key}: ${value}`).join("\n")}\n`)).toEqual(some.map(([key, value]) => ({ key, value, last: true })));
      }),
    );
  });

  it("commit objects", () => {
    const name = fc.stringMatching(/^[^<>\n\0 ][^<>\n\0]{0,20}$/).filter((value) => value.trim() === value);
    fc.assert(
      fc.property(name, name, fc.stringMatching(/^\S[^\0]{0,200}$/), fc.integer({ min: 0, max: 4e9 }), fc.array(fc.constant(ID), { maxLength: 3 }), (author, committer, message, seconds, parents) => {
        const object = `tree ${ID}\n${parents.map((parent) => `parent ${parent}\n`).join("")}author ${author} <a@example.com> ${seconds} +0100\ncommitter ${committer} <c@example.com> 7 +0000\ngpgsig -----BEGIN\n author Mallory <m@example.com> 1 +0000\n parent ${"b".repeat(40)}\n -----END\n\n${message}`;
        expect(parseRawCommit("x", Buffer.from(object))).toMatchObject({ id: "x", parents, authorName: author, authorEmail: "a@example.com", committerName: committer, authoredAt: seconds * 1000, committedAt: 7000, message: message.trimEnd() });
      }),
    );
  });

  it("commit objects in other encodings, and in none that hides the author", () => {
    const object = (encoding: string): Buffer => Buffer.from(`tree ${ID}\nauthor M\u00fcller <codex@openai.com> 1 +0000\nencoding ${encoding}\n\nGr\u00fc\u00dfe`, "latin1");
    expect(parseRawCommit("x", object("ISO-8859-1"))).toMatchObject({ authorName: "M\u00fcller", subject: "Gr\u00fc\u00dfe" });
    for (const encoding of ["utf-16le", "x-nobody-knows", "\u00ff"]) expect(parseRawCommit("x", object(encoding)).authorEmail).toBe("codex@openai.com");
  });

  it("patches, in whatever pieces they arrive", () => {
    const line = fc.constantFrom("x", "", "@@ -1 +1 @@", "diff --git a/x b/x", "--- a/x", "+++ b/x", ID, "\\ No newline at end of file");
    const hunk = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.array(line, { maxLength: 4 }), fc.array(line, { maxLength: 4 })).filter(([, old, now]) => old.length + now.length > 0);
    const file = fc.tuple(fc.stringMatching(/^[a-z]{1,6}(?:\/[a-z]{1,6})?$/), fc.array(hunk, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(fc.uniqueArray(file, { maxLength: 4, selector: ([name]) => name }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (files, pieces) => {
        const printed: string[] = [];
        const expected = new Map<string, [number, number]>();
        for (const [name, hunks] of files) {
          printed.push(`diff --git a/${name} b/${name}`, "index 1..2 100644", `--- a/${name}`, `+++ b/${name}`);
          let at = 0;
          for (const [gap, old, now] of hunks) {
            at += gap;
            printed.push(`@@ -${at},${old.length} +${at},${now.length} @@ x`, ...old.map((one) => `-${one}`), ...now.map((one) => `+${one}`));
            at += now.length;
            const [added, deleted] = expected.get(name) ?? [0, 0];
            expected.set(name, [added + now.length, deleted + old.length]);
          }
        }
        const patch = printed.join("\n");
        let found: Additions | null = null;
        const reader = new AdditionsReader(new Set([ID]), (id, additions) => {
          if (id === ID) found = additions;
        });
        const whole = Buffer.from(`${ID}\n${patch}\n`);
        for (let at = 0, piece = 0; at < whole.length; piece += 1) {
          const size = pieces[piece % pieces.length] ?? 1;
          reader.push(whole.subarray(at, at + size));
          at += size;
        }
        reader.end();
        const listed = (found as Additions | null)?.files ?? new Map<string, FileAdditions>();
        expect([...listed].map(([name, one]) => [name, [one.added, one.deleted]])).toEqual([...expected]);
        // The reader of whole patches says the same, line by line.
        for (const one of parsePatch(patch)) for (const number of addedLines(one)) expect(covers(listed.get(one.path)?.ranges ?? [], number, number)).toBe(true);
      }),
    );
  });

  it("blame", () => {
    const row = fc.tuple(fc.constantFrom(ID, "b".repeat(40)), fc.stringMatching(/^[a-z/ ]{1,12}$/), fc.integer({ min: 1, max: 999 }), fc.string({ unit: "grapheme" }).map((code) => code.replaceAll("\n", "")));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const printed = rows.map(([id, name, origin, code], index) => `${id} ${origin} ${index + 1}\nauthor filename x\nsummary ${ID} 1 1\nfilename ${name}\n\t${code}\n`).join("");
        expect(parseBlame(printed, "a")).toEqual(rows.map(([commit, originPath, originLine, code], index) => ({ path: "a", line: index + 1, commit, originPath, originLine, text: code })));
      }),
    );
  });

  it("quoted paths", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }).filter((one) => !one.startsWith('"')), (name) => {
        const quoted = `"${[...Buffer.from(name)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`;
        expect(unquote(quoted)).toBe(name);
        expect(unquote(name)).toBe(name);
      }),
    );
  });

  it("paths that are no UTF-8, apart from each other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((one) => !one.includes(0)), (some) => {
        const bytes = Buffer.from(some);
        const path = decodePath(bytes);
        expect(escapedPath(path) ?? Buffer.from(path)).toEqual(bytes);
        expect(splitPaths(Buffer.concat([bytes, Buffer.from([0])]))).toEqual([path, ""]);
        if (escapedPath(path) !== null) expect([unquote(path), /^[ -~]*$/.test(path)]).toEqual([path, true]);
      }),
    );
  });
});

describe("any text is borne", () => {
  it("by every parser, the same each time", () => {
    const odd = fc.oneof(text, text.map((one) => `a.js\n  h_1 ${one}\n---\n{"schema_version":"authorship/3.0.0"}`), text.map((one) => `diff --git ${one}\n@@ -1 +1 @@ ${one}`), text.map((one) => `${ID} 1 1\nfilename ${one}\n\t${one}`), text.map((one) => `tree ${one}\nauthor ${one}\n\n${one}`));
    fc.assert(
      fc.property(odd, (one) => {
        const reads = (): unknown[] => {
          const commit = parseRawCommit(ID, Buffer.from(one));
          const attribution = judge(commitEvidence(commit));
          const seen: unknown[] = [];
          const reader = new AdditionsReader(new Set([ID]), (_, additions) => seen.push(additions));
          reader.push(Buffer.from(`${ID}\n${one}`));
          reader.end();
          return [commit, attribution, conflicts(attribution), ofLines(attribution, isSquashed(commit)), ofCommit(attribution, commit), quotedCommits(one), parseTrailers(one), parseGitAiNote(one), parseAgentTraces(one, ["", ID]), parseEntireSession(one), entireFolder(one), entireSessions(one), parseIdentity(one), knownAgent(one), namedAgent(one), modelOfName("Claude Code", one), parsePatch(one), parseBlame(one, "a.js"), unquote(one), isPlainPath(one), seen];
        };
        expect(reads()).toEqual(reads());
      }),
      { numRuns: 300 },
    );
  });

  it("in a time that grows with the text", () => {
    const many = 200_000;
    const parsers: Readonly<Record<string, (one: string) => unknown>> = { parseTrailers, parseGitAiNote, traces: (one) => parseAgentTraces(one, [ID]), parseEntireSession, parseIdentity, knownAgent, namedAgent, modelOfName: (one) => modelOfName("Claude Code", one), parsePatch, blame: (one) => parseBlame(one, "a"), unquote, isPlainPath, judge: (one) => judge(commitEvidence(parseRawCommit(ID, Buffer.from(one)))), quotedCommits, ofCommit: (one) => ofCommit(judge(commitEvidence(parseRawCommit(ID, Buffer.from(`tree x\n\n${one}`)))), parseRawCommit(ID, Buffer.from(`tree x\n\n${one}`))) };
    const texts = ["a: b\n".repeat(many), " ".repeat(many), "\t\n".repeat(many), "<".repeat(many), "a".repeat(many), "-".repeat(many), "Assisted-by: a a a:".repeat(many / 20), `x\n\nAssisted-by: ${"a ".repeat(many)}:`, `a.js\n  h_1 ${"1,".repeat(many)}\n---\n{}`, "[".repeat(many), `{"vcs":{"revision":"${ID}"},"files":${"[".repeat(many)}`, `"${"\\".repeat(many)}"`, "@@ -1,9 +1,9 @@\n".repeat(many / 10), "claude ".repeat(many / 5), "(".repeat(many), "../".repeat(many), "\n\n".repeat(many), `Co-authored-by: ${"<a@b".repeat(many / 4)}>`];
    for (const [name, parse] of Object.entries(parsers)) {
      for (const one of texts) {
        const started = performance.now();
        parse(one);
        expect(performance.now() - started, `${name} ${one.slice(0, 20)}`).toBeLessThan(3000);
      }
    }
  }, 120_000);

  it("with names that lead nowhere outside", () => {
    for (const bad of ["../../etc/passwd", "/etc/passwd", "a\0b", ".git/config", "a/.GIT/x", "a//b", "a/./b", "..", "", "a\\b", "x".repeat(5000)]) expect(isPlainPath(bad), bad.slice(0, 20)).toBe(false);
    fc.assert(fc.property(fc.array(fc.constantFrom("..", ".", "", ".git", "a", "/", "\0"), { maxLength: 6 }), (parts) => !isPlainPath(parts.join("/")) || parts.every((part) => part === "a")));
  });
});
