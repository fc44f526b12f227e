import fc from "fast-check";
import { expect, it } from "vitest";
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
  expect(brief("nothing of the kind")).toEqual(["", "", 0]);
});

it("takes any text without throwing", () => {
  fc.assert(fc.property(fc.string({ maxLength: 500 }), fc.constantFrom("", "Traceback (most recent call last)\n", "panic: ", "PHP Fatal error: Uncaught "), (text, before) => void parseError(before + text)));
});
