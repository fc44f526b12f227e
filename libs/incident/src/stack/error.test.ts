import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseError } from "./error.ts";

const brief = (text: string): unknown[] => {
  const { type, message, frames } = parseError(text);
  return [type, message, frames.length];
};

it("reads type and message as each runtime prints them", () => {
  expect(brief("TypeError: x is not a function\n    at f (/app/a.js:1:2)")).toEqual(["TypeError", "x is not a function", 1]);
  expect(brief("/app/a.js:3\n  throw new CartError('no')\n  ^\n\nCartError: no\n    at f (/app/a.js:3:9)\n\nNode.js v26.0.0")).toEqual(["CartError", "no", 1]);
  expect(brief('Exception in thread "main" java.lang.IllegalStateException: bad\n\tat a.B.c(B.java:1)')).toEqual(["java.lang.IllegalStateException", "bad", 1]);
  expect(brief("Unhandled exception. System.NullReferenceException: Object reference\n   at A.B() in /a.cs:line 3")).toEqual(["System.NullReferenceException", "Object reference", 1]);
  expect(brief('Traceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    g()\nValueError: no such coupon\n')).toEqual(["ValueError", "no such coupon", 1]);
  expect(brief("panic: runtime error: index out of range [recovered]\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:6 +0xaf")).toEqual(["panic", "runtime error: index out of range", 1]);
  expect(brief("/app/cart.rb:12:in 'Cart#total': undefined method '+' for nil (NoMethodError)\n\tfrom /app/x.rb:1:in 'y'")).toEqual(["NoMethodError", "undefined method '+' for nil", 2]);
  expect(brief("PHP Fatal error:  Uncaught App\\CartError: empty in /app/Cart.php:42\nStack trace:\n#0 /app/x.php(3): f()")).toEqual(["App\\CartError", "empty", 2]);
  expect(brief('error: column "totl" does not exist\n    at Parser.parseErrorMessage (/app/node_modules/pg-protocol/dist/parser.js:283:98)')).toEqual(["error", 'column "totl" does not exist', 1]);
  expect(brief("server: listening\nerror:\nTypeError: x\n    at f (/app/a.js:1:2)")).toEqual(["TypeError", "x", 1]);
  expect(brief("nothing of the kind")).toEqual(["", "", 0]);
});

describe("a Python traceback", () => {
  const frame = '  File "/app/a.py", line 3, in f\n    g()\n    ~^^\n';
  const traceback = (raised: string): string => `Traceback (most recent call last):\n${frame}${raised}\n`;
  const CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n";
  const HANDLING = "\nDuring handling of the above exception, another exception occurred:\n\n";
  it.each<[string, string, string, string]>([
    ["a message of two lines", traceback("ValueError: first line\nsecond"), "ValueError", "first line\nsecond"],
    ["pydantic", traceback("pydantic_core._pydantic_core.ValidationError: 1 validation error for Order\nprice\n  Input should be a valid number [type=float_parsing, input_value='x', input_type=str]\n    For further information visit https://errors.pydantic.dev/2.8/v/float_parsing"), "pydantic_core._pydantic_core.ValidationError", "1 validation error for Order\nprice\n  Input should be a valid number [type=float_parsing, input_value='x', input_type=str]\n    For further information visit https://errors.pydantic.dev/2.8/v/float_parsing"],
    ["SQLAlchemy", `${traceback("psycopg2.OperationalError: no")}${CAUSE}${traceback("sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) no\n(Background on this error at: https://x)\nBackground: see https://x")}`, "sqlalchemy.exc.OperationalError", "(psycopg2.OperationalError) no\n(Background on this error at: https://x)\nBackground: see https://x"],
    ["an error while another was handled", `${traceback("KeyError: 'k'\nnote: x")}${HANDLING}${traceback("TypeError: t\nmore: x")}`, "TypeError", "t\nmore: x"],
    ["marks of a syntax error", 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\n  File "<s>", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n', "SyntaxError", "invalid syntax"],
    ["notes", traceback("ValueError: v\nnote: one\ntwo"), "ValueError", "v\nnote: one\ntwo"],
    ["no message", traceback("ValueError"), "ValueError", ""],
    ["a message that begins with a line's end", traceback("ValueError: \nBackground: x"), "ValueError", "\nBackground: x"],
    ["a class in a function", traceback("app.f.<locals>.Refused: no"), "app.f.<locals>.Refused", "no"],
    ["the traceback of another process in the message", traceback(`RemoteError: worker failed\n${traceback("KeyError: 'a'")}`), "RemoteError", `worker failed\n${traceback("KeyError: 'a'").trimEnd()}`],
    ["the traceback of another process as the cause", `multiprocessing.pool.RemoteTraceback: \n"""\n${traceback("KeyError: 'a'")}"""\n${CAUSE}${traceback("KeyError: 'b'")}`, "KeyError", "'b'"],
    ["an exception group", '  + Exception Group Traceback (most recent call last):\n  |   File "/app/a.py", line 10, in d\n  |     raise ExceptionGroup("two", [])\n  | ExceptionGroup: two\n  | things (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File "/app/a.py", line 3, in f\n    | ValueError: m1\n    | m2\n    +---------------- 2 ----------------\n    | TypeError: t\n    +------------------------------------\n', "ExceptionGroup", "two\nthings (2 sub-exceptions)"],
    ["an exception group that something was raised from", `  + Exception Group Traceback (most recent call last):\n  |   File "/app/a.py", line 10, in d\n  | ExceptionGroup: two (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | TypeError: t\n    +------------------------------------\n${CAUSE}${traceback("RuntimeError: r\nx: y")}`, "RuntimeError", "r\nx: y"],
    ["lines that a log indented", traceback("ValueError: a\nb: c").replace(/^/gm, "    "), "ValueError", "a\nb: c"],
  ])("with %s", (_what, text, type, message) => {
    const parsed = parseError(text);
    expect([parsed.type, parsed.message]).toEqual([type, message]);
  });
});

it("takes any text without throwing", () => {
  fc.assert(fc.property(fc.string({ maxLength: 500 }), fc.constantFrom("", "Traceback (most recent call last)\n", "panic: ", "PHP Fatal error: Uncaught "), (text, before) => void parseError(before + text)));
});

it.each([
  ["TypeError [ERR_INVALID_ARG_TYPE]: The \"path\" argument must be of type string. Received undefined", "TypeError", "The \"path\" argument must be of type string. Received undefined"],
  ["Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/app/src/format.js' imported from /app/src/main.js", "Error", "Cannot find module '/app/src/format.js' imported from /app/src/main.js"],
  ["RangeError [ERR_OUT_OF_RANGE]", "RangeError", ""],
])("reads the header of Node's own error %s", (header, type, message) => {
  expect(parseError(`${header}\n    at open (/app/src/a.js:3:7)\n`)).toMatchObject({ type, message, frames: [{ file: "/app/src/a.js", line: 3 }] });
});

it("reads what Rust says of a panic, before 1.73 and after", () => {
  for (const text of ["thread 'main' panicked at 'oops: 3', src/plan.rs:8:10\nnote: run with `RUST_BACKTRACE=1`", "thread 'main' (7) panicked at src/plan.rs:8:10:\noops: 3\nnote: run with `RUST_BACKTRACE=1`"]) {
    expect(parseError(text)).toMatchObject({ type: "panic", message: "oops: 3", frames: [{ file: "src/plan.rs", line: 8, column: 10, inApp: true }] });
  }
});
