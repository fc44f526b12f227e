import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "@firstfix/kit";
import { normaliseMessage } from "../grouping/message.ts";
import { groupError } from "../grouping/group.ts";
import { parseError } from "./error.ts";
import { findStack } from "./log.ts";
import { parseStack } from "./parse.ts";

interface Plain {
  readonly name: string;
  readonly folder: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{2,8}$/).filter((text) => !/^(?:lib|vendor|gems|node|native|eval|python\d*|go\d*|line|async|new)$/.test(text));
const plain: fc.Arbitrary<Plain> = fc.record({ name: word, folder: word, file: word, line: fc.integer({ min: 1, max: 99_999 }), column: fc.integer({ min: 1, max: 9_999 }) });
const stack = fc.array(plain, { minLength: 1, maxLength: 12 });

/** How each runtime prints the same calls, innermost first as given, and what of them can be read back. */
const LANGUAGES: Readonly<Record<string, { readonly print: (frames: readonly Plain[]) => string; readonly file: (frame: Plain) => string; readonly column?: true }>> = {
  v8: { print: (all) => `TypeError: x\n${all.map((f) => `    at ${f.name} (/app/${f.folder}/${f.file}.js:${f.line}:${f.column})`).join("\n")}`, file: (f) => `/app/${f.folder}/${f.file}.js`, column: true },
  "v8 async": { print: (all) => `Error\n${all.map((f) => `    at async ${f.name} (file:///app/${f.folder}/${f.file}.mjs:${f.line}:${f.column})`).join("\n")}`, file: (f) => `/app/${f.folder}/${f.file}.mjs`, column: true },
  firefox: { print: (all) => all.map((f) => `${f.name}@https://shop.example/${f.folder}/${f.file}.js:${f.line}:${f.column}`).join("\n"), file: (f) => `/${f.folder}/${f.file}.js`, column: true },
  python: { print: (all) => `Traceback (most recent call last):\n${all.toReversed().map((f) => `  File "/app/${f.folder}/${f.file}.py", line ${f.line}, in ${f.name}\n    call()`).join("\n")}\nValueError: x`, file: (f) => `/app/${f.folder}/${f.file}.py` },
  go: { print: (all) => `panic: x\n\ngoroutine 1 [running]:\n${all.map((f) => `example.org/shop/${f.folder}.${f.name}(0x1, {0x2, 0x3})\n\t/src/${f.folder}/${f.file}.go:${f.line} +0x1a`).join("\n")}`, file: (f) => `/src/${f.folder}/${f.file}.go` },
  java: { print: (all) => `org.acme.X: x\n${all.map((f) => `\tat org.acme.${f.folder}.Type.${f.name}(${f.file}.java:${f.line})`).join("\n")}\n\t... 3 more`, file: (f) => `org/acme/${f.folder}/${f.file}.java` },
  dotnet: { print: (all) => `Acme.X: x\n${all.map((f) => `   at Acme.Type.${f.name}(Int32 a) in /src/${f.folder}/${f.file}.cs:line ${f.line}`).join("\n")}`, file: (f) => `/src/${f.folder}/${f.file}.cs` },
  rust: { print: (all) => `thread 'main' (7) panicked at ${all[0]?.folder}/${all[0]?.file}.rs:${all[0]?.line}:2:\nx\nstack backtrace:\n${all.map((f, i) => `${String(i).padStart(4)}: ${f.folder}::${f.name}\n             at /src/${f.folder}/${f.file}.rs:${f.line}:${f.column}`).join("\n")}`, file: (f) => `/src/${f.folder}/${f.file}.rs`, column: true },
  ruby: { print: (all) => all.map((f, i) => `${i === 0 ? "" : "\tfrom "}/app/${f.folder}/${f.file}.rb:${f.line}:in '${f.name}'${i === 0 ? ": x (KeyError)" : ""}`).join("\n"), file: (f) => `/app/${f.folder}/${f.file}.rb` },
  php: {
    print: (all) => `X: x in /app/${all[0]?.folder}/${all[0]?.file}.php:${all[0]?.line}\nStack trace:\n${all.map((f, i) => `#${i} ${all[i + 1] === undefined ? "[internal function]: " : `/app/${all[i + 1]?.folder}/${all[i + 1]?.file}.php(${all[i + 1]?.line}): `}${f.name}()`).join("\n")}\n#${all.length} {main}`,
    file: (f) => `/app/${f.folder}/${f.file}.php`,
  },
};

describe("stacks printed in each language's form", () => {
  it.each(Object.keys(LANGUAGES))("are read back: %s", (language) => {
    const { print, file, column } = LANGUAGES[language] as (typeof LANGUAGES)[string];
    fc.assert(
      fc.property(stack, fc.constantFrom("\n", "\r\n"), (frames, end) => {
        const read = parseStack(print(frames).replaceAll("\n", end)).map((f) => ({ name: f.function.slice(f.function.lastIndexOf(".") + 1), file: f.file, line: f.line, column: f.column }));
        expect(read).toEqual(frames.map((f) => ({ name: f.name, file: file(f), line: f.line, column: column === true ? f.column : 0 })));
      }),
    );
  });
});

/** What containers and loggers make of a text. */
const WRAPPED: Readonly<Record<string, (text: string) => string>> = {
  "docker compose": eachLine("shop-1  | "),
  "kubectl logs --timestamps": eachLine("2026-11-23T05:00:00.123456789Z "),
  "kubectl logs --prefix": eachLine("[pod/shop-5d8f/app] "),
  "a container runtime (CRI)": eachLine("2026-11-23T05:00:00.123456789Z stderr F "),
  syslog: eachLine("<11>Nov 23 05:00:00 node-1 shop[12]: "),
  journalctl: eachLine("Nov  3 05:00:00 node-1 shop[12]: "),
  "journalctl -o short-iso": eachLine("2026-11-23T05:00:00+0000 node-1 shop[12]: "),
  "a time, a level and a thread": eachLine("2026-11-23 05:00:00,123 ERROR [worker-1] "),
  "the first line of a logger": (text) => `2026-11-23 05:00:00.123 ERROR ${text}`,
  colours: (text) => text.split("\n").map((line) => `\u001b[31m${line}\u001b[39m`).join("\n"),
  "a log around it": (text) => `${"GET /health 200\n".repeat(6_000)}${text}\nGET /health 200\n`,
  "a field in JSON": (text) => `{"level":"info","msg":"started"}\n${JSON.stringify({ level: "error", err: { stack: text } })}\n{"level":"info"}`,
  "a dotted field behind a container's name": (text) => `shop-1  | ${JSON.stringify({ "exception.stacktrace": text, "exception.type": "X" })}`,
  "a document of JSON": (text) => JSON.stringify({ events: [{ error: { exc_info: text } }] }, null, 2),
  "docker's json-file": (text) => text.split("\n").map((line) => JSON.stringify({ log: `${line}\n`, stream: "stderr", time: "2026-11-23T05:00:00Z" })).join("\n"),
  "one line with its ends written out": (text) => text.replaceAll("\n", "\\n").replaceAll("\t", "\\t"),
  logfmt: (text) => `time=2026-11-23T05:00:00Z level=error err="${text.replaceAll('"', '\\"').replaceAll("\n", "\\n").replaceAll("\t", "\\t")}"`,
};
function eachLine(prefix: string): (text: string) => string {
  return (text) => text.split("\n").map((line) => prefix + line).join("\n");
}

describe("stacks in a log", () => {
  it.each(Object.keys(WRAPPED).flatMap((wrapping) => Object.keys(LANGUAGES).filter((language) => language !== "firefox").map((language) => [language, wrapping] as const)))("are found: %s in %s", (language, wrapping) => {
    const [{ print }, wrap] = [LANGUAGES[language] as (typeof LANGUAGES)[string], WRAPPED[wrapping] as (text: string) => string];
    fc.assert(
      fc.property(stack, (frames) => {
        const [wanted, { message, ...found }] = [parseError(print(frames)), parseError(findStack(wrap(print(frames))) ?? "")];
        expect({ ...found, message: "" }).toEqual({ ...wanted, message: "" });
        // A message of Python may have several lines: what the log has behind it cannot be told from them.
        expect(message.split("\n")[0]).toBe(wanted.message);
      }),
      { numRuns: 20 },
    );
  });
});

it("gives up on a log that is full of what is no frame", () => {
  expect(findStack("at the time of writing\n".repeat(400_000))).toBeNull();
  expect(findStack(Array.from({ length: 20_000 }, (_, at) => JSON.stringify({ stack: `at ${at}\nat nothing` })).join("\n"))).toBeNull();
});

it("takes no line of the log before it for the error", () => {
  const text = "TypeError: Cannot read properties of undefined (reading 'sku')\n    at cartOf (/app/cart.js:3:16)\n";
  for (const before of ["Server: listening on 80\n", "INFO: started\nReady\n", "GET /orders 200\n"]) expect(parseError(findStack(before + text) ?? "")).toEqual(parseError(text));
  // A message may speak of another error, and a type may have any name.
  for (const own of ["Error: outer\nerror: inner\n    at f (/app/a.js:1:2)\n", "Oops: outer\n    at f (/app/a.js:1:2)\n"]) expect(findStack(own)).toBe(own);
});

it("finds what was raised where Loguru marks a frame", () => {
  const text = 'Traceback (most recent call last):\n\n  File "/app/a.py", line 5, in pay\n    charge()\n    └ <function charge at 0x7f>\n\n> File "/app/c.py", line 1, in charge\n    call()\n\nValueError: x\n';
  expect(parseError(findStack(text) ?? "")).toMatchObject({ type: "ValueError", message: "x", frames: [{ file: "/app/c.py" }, { file: "/app/a.py" }] });
});

const PIECES = ["at ", "    at f (", "async ", "eval at ", "@https://a/", "@/", "*", "/<", "at a.b(C.java:1)", "at a/", "Caused by: ", "\tSuppressed: ", "Wrapped by: ", "[CIRCULAR REFERENCE:", "goroutine 1 [", "goroutine 1 [running]:\n", "panic: ", " [recovered]", "created by ", "\n\t/a/b.go:7", 'File "', '  File "/a.py", line 1, in f', "Traceback (most recent call last):\n", "  +-+---- 1 ----", "  | ", "During handling of the above", "#0 /a.php(", "#0 [internal function]: f", " in /a.php:1", "a.rb:1:in '", "1: from ", "(KeyError)", " in /x.cs:line 3", "   0: a::b::{{closure}}", "\n             at /a.rs:1:2", "thread 'main' panicked at a.rs:1:2:\n", "<>c__", "|", "(", ")", ":1", ":1:1", " ", "\t", "\n", "\r\n", "\u2028", "é", "\0", "a", ".", "/", "\\", "$", "'", '"', "<", ">", "[", "]", "-"];

describe("any text", () => {
  it("gives bounded frames and never throws", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 20 })), { maxLength: 80 }), fc.string({ maxLength: 30 }), (parts, type) => {
        const text = parts.join("");
        const { frames, type: read, message } = parseError(text);
        expect((findStack(text) ?? "").length).toBeLessThanOrEqual(LIMITS.stackBytes);
        for (const frame of [...frames, ...parseStack(text, { type })]) {
          expect(Number.isSafeInteger(frame.line) && frame.line >= 0 && Number.isSafeInteger(frame.column) && frame.column >= 0).toBe(true);
          expect(frame.file.length + frame.function.length).toBeLessThan(4_000);
        }
        expect(groupError({ type, message: text, frames }).hashes.length).toBeGreaterThan(0);
        expect(read.length + message.length).toBeLessThan(3_000);
      }),
      { numRuns: 400 },
    );
    for (const piece of PIECES) expect(parseStack(`${piece}\n`.repeat(60_000)).length).toBeLessThanOrEqual(LIMITS.stackFrames);
  });

  // No bound in milliseconds: four times the text may take about four times as long. A pattern that backtracks takes 16 times,
  // and at this size seconds.
  it("takes time in proportion to the text, however hostile, and no more for a megabyte than for what is read of it", () => {
    const texts = PIECES.flatMap((piece) => [(size: number): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size), (size: number): string => `${piece.repeat(40)}\n`.repeat(Math.ceil(size / (40 * piece.length + 1))).slice(0, size)]);
    const timeOf = (text: string): number => {
      const began = performance.now();
      parseError(text);
      normaliseMessage(text);
      return performance.now() - began;
    };
    const best = (text: string): number => Math.min(timeOf(text), timeOf(text), timeOf(text));
    for (const make of texts) {
      const [quarter, whole, megabyte] = [best(make(LIMITS.stackBytes / 4)), best(make(LIMITS.stackBytes)), best(make(1_000_000))];
      const shown = JSON.stringify(make(60));
      expect(whole, shown).toBeLessThan(12 * quarter + 60);
      expect(megabyte, shown).toBeLessThan(4 * whole + 60);
    }
  }, 60_000);
});
