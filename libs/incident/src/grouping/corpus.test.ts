import { describe, expect, it } from "vitest";
import { mapFrames } from "../stack/map.ts";
import { parseError } from "../stack/error.ts";
import { groupError } from "./group.ts";

/**
 * Both errors that grouping can make, on texts as they come. The worse one is first: two problems in one group hide one.
 * Texts of a row are compared by any of their hashes, as recording does.
 */
const PATHS = ["src/cart.js", "src/server.js", "src/http.js", "src/errors.js", "src/pay.js", "src/tree.js", "app/cart.py", "app/main.py", "cart/cart.go", "main.go", "src/main/java/com/acme/Cart.java", "src/main/java/com/acme/Main.java"];

function hashes(text: string, given: { type?: string; message?: string } = {}): readonly string[] {
  const { type, message, frames } = parseError(text);
  return groupError({ type: given.type ?? type, message: given.message ?? message, frames: mapFrames(frames, { paths: PATHS }) }).hashes;
}
const joined = (a: readonly string[], b: readonly string[]): boolean => a.some((hash) => b.includes(hash));
const js = (head: string, ...frames: string[]): string => `${head}\n${frames.map((frame) => `    at ${frame}`).join("\n")}`;
const EXPRESS = ["Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)", "next (/app/node_modules/express/lib/router/route.js:149:13)", "process.processTicksAndRejections (node:internal/process/task_queues:105:5)"];
const go = "goroutine 1 [running]:\ngo.opentelemetry.io/otel/sdk/trace.recordStackTrace()\n\t/go/pkg/mod/go.opentelemetry.io/otel/sdk@v1.28.0/trace/span.go:512 +0x3a\ngo.opentelemetry.io/otel/sdk/trace.(*recordingSpan).RecordError(0xc0001)\n\t/go/pkg/mod/go.opentelemetry.io/otel/sdk@v1.28.0/trace/span.go:480 +0x7\nmain.pay()\n\t/src/main.go:9 +0x1";
const py = (raised: string): string => `Traceback (most recent call last):\n  File "/app/app/main.py", line 9, in post\n    total(cart)\n  File "/app/app/cart.py", line 3, in total\n    g()\n${raised}\n`;

describe("two problems in one group: never", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["the same function reads two missing things", hashes(js("TypeError: Cannot read properties of undefined (reading 'price')", "total (/app/src/cart.js:10:5)")), hashes(js("TypeError: Cannot read properties of undefined (reading 'coupon')", "total (/app/src/cart.js:12:5)"))],
    ["undefined and null in one function", hashes(js("TypeError: Cannot read properties of undefined (reading 'id')", "total (/app/src/cart.js:10:5)")), hashes(js("TypeError: Cannot read properties of null (reading 'id')", "total (/app/src/cart.js:10:5)"))],
    ["two functions that are not there", hashes(js("TypeError: cart.sum is not a function", "total (/app/src/cart.js:10:5)")), hashes(js("TypeError: cart.tax is not a function", "total (/app/src/cart.js:10:5)"))],
    ["a wrapper through which all errors are thrown, for other reasons", hashes(js("Error: no cart", "handleError (/app/src/errors.js:3:9)", "post (/app/src/server.js:9:1)")), hashes(js("Error: payment refused", "handleError (/app/src/errors.js:3:9)", "post (/app/src/server.js:9:1)"))],
    ["an assertion in one function, for other reasons", hashes(js("AssertionError: cart must have lines", "assertThat (/app/src/errors.js:1:1)", "total (/app/src/cart.js:5:5)")), hashes(js("AssertionError: coupon must be valid", "assertThat (/app/src/errors.js:1:1)", "total (/app/src/cart.js:9:5)"))],
    ["a client wrapper called from two places", hashes(js("TypeError: fetch failed", "fetchJson (/app/src/http.js:7:1)", "loadCart (/app/src/cart.js:5:5)")), hashes(js("TypeError: fetch failed", "fetchJson (/app/src/http.js:7:1)", "charge (/app/src/pay.js:5:5)"))],
    ["two databases that are away, no frame of the application", hashes(js("Error: connect ECONNREFUSED 10.0.0.7:5432", "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)")), hashes(js("Error: connect ECONNREFUSED 10.0.0.7:6379", "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)"))],
    ["other words, no frame of the application", hashes(js("Error: read ECONNRESET", "TCP.onStreamRead (node:internal/stream_base_commons:216:20)")), hashes(js("Error: write EPIPE", "TCP.onStreamRead (node:internal/stream_base_commons:216:20)"))],
    ["minified code: other reasons at the same letters", hashes(js("Error: no cart", "t (https://x.example/main.3f2a9bc1.js:1:100)", "n (https://x.example/main.3f2a9bc1.js:1:900)")), hashes(js("Error: no coupon", "t (https://x.example/main.3f2a9bc1.js:1:100)", "n (https://x.example/main.3f2a9bc1.js:1:900)"))],
    ["two anonymous handlers", hashes(js("Error: no cart", "/app/src/server.js:3:1", ...EXPRESS)), hashes(js("Error: no user", "/app/src/server.js:30:1", ...EXPRESS))],
    ["two causes under one wrapper", hashes(`${js("Error: checkout failed", "checkout (/app/src/server.js:9:9)")} {\n  [cause]: TypeError: a\n      at total (/app/src/cart.js:5:5)\n}`), hashes(`${js("Error: checkout failed", "checkout (/app/src/server.js:9:9)")} {\n  [cause]: TypeError: a\n      at charge (/app/src/pay.js:5:5)\n}`)],
    ["two keys of Python in two functions", hashes('Traceback (most recent call last):\n  File "/app/app/cart.py", line 3, in total\nKeyError: 1'), hashes('Traceback (most recent call last):\n  File "/app/app/cart.py", line 9, in tax\nKeyError: 1')],
    ["two attributes of Python in one function", hashes("Traceback (most recent call last):\n  File \"/app/app/cart.py\", line 3, in total\nAttributeError: 'NoneType' object has no attribute 'price'"), hashes("Traceback (most recent call last):\n  File \"/app/app/cart.py\", line 4, in total\nAttributeError: 'NoneType' object has no attribute 'coupon'")],
    ["two recursions without end", hashes(js("RangeError: Maximum call stack size exceeded", "walk (/app/src/tree.js:3:5)", "walk (/app/src/tree.js:4:5)", "walk (/app/src/tree.js:4:5)")), hashes(js("RangeError: Maximum call stack size exceeded", "sum (/app/src/cart.js:3:5)", "sum (/app/src/cart.js:4:5)", "sum (/app/src/cart.js:4:5)"))],
    ["two calls on null in one method of Java", hashes('java.lang.NullPointerException: Cannot invoke "com.acme.Coupon.percent()" because "<local2>" is null\n\tat com.acme.Cart.total(Cart.java:3)'), hashes('java.lang.NullPointerException: Cannot invoke "com.acme.Price.net()" because "<local4>" is null\n\tat com.acme.Cart.total(Cart.java:9)')],
    ["two panics in one function of Go", hashes("panic: runtime error: index out of range [3] with length 2\n\ngoroutine 1 [running]:\nmain.total()\n\t/src/main.go:9 +0x1"), hashes("panic: runtime error: integer divide by zero\n\ngoroutine 1 [running]:\nmain.total()\n\t/src/main.go:12 +0x1")],
    ["two missing methods of Ruby in one method", hashes("/app/cart.rb:12:in 'Cart#total': undefined method 'price' for nil (NoMethodError)"), hashes("/app/cart.rb:14:in 'Cart#total': undefined method 'coupon' for nil (NoMethodError)")],
    ["two calls on null of PHP in one method", hashes("Error: Call to a member function price() on null in /app/src/Cart.php:7\nStack trace:\n#0 /app/index.php(3): App\\Cart->total()\n#1 {main}"), hashes("Error: Call to a member function coupon() on null in /app/src/Cart.php:9\nStack trace:\n#0 /app/index.php(3): App\\Cart->total()\n#1 {main}")],
    ["two packages with the same folders and names", hashes(js("Error: x", "validate (/app/packages/cart/src/lib/index.js:1:1)")), hashes(js("Error: x", "validate (/app/packages/order/src/lib/index.js:1:1)"))],
    ["one function throws for two reasons", hashes(js("Error: payment declined", "pay (/app/src/pay.js:3:9)", "post (/app/src/server.js:9:1)")), hashes(js("Error: currency unsupported", "pay (/app/src/pay.js:90:9)", "post (/app/src/server.js:9:1)"))],
    ["one function throws for two reasons, with data behind them", hashes(js("Error: cannot pay order 17: declined", "pay (/app/src/pay.js:3:9)")), hashes(js("Error: no price for order 17", "pay (/app/src/pay.js:90:9)"))],
    ["two reasons in one function of Python", hashes(py("ValueError: cart is empty")), hashes(py("ValueError: coupon is used up"))],
    ["two reasons in one method of Java", hashes("java.lang.IllegalStateException: cart is empty\n\tat com.acme.Cart.total(Cart.java:3)"), hashes("java.lang.IllegalStateException: coupon is used up\n\tat com.acme.Cart.total(Cart.java:9)")],
    ["two errors of Go that one function records", hashes(go, { type: "*errors.errorString", message: "payment declined" }), hashes(go, { type: "*errors.errorString", message: "currency unsupported" })],
    ["two keys of Python in one function", hashes(py("KeyError: 'price'")), hashes(py("KeyError: 'coupon'"))],
    ["two variables of the environment in one function of Python", hashes(py("KeyError: 'STRIPE_KEY'")), hashes(py("KeyError: 'DATABASE_URL'"))],
    ["two attributes of a module", hashes(py("AttributeError: module 'cart' has no attribute 'total'")), hashes(py("AttributeError: module 'cart' has no attribute 'tax'"))],
    ["two keys of Ruby in one method", hashes("/app/cart.rb:12:in 'Cart#total': key not found: :price (KeyError)"), hashes("/app/cart.rb:14:in 'Cart#total': key not found: :coupon (KeyError)")],
    ["two messages of several lines", hashes(py("ValueError: first of all\nthe same")), hashes(py("ValueError: second of all\nthe same"))],
    ["one text from anonymous functions that two named ones call", hashes(js("TypeError: cb is not a function", "/app/src/server.js:3:1", "get (/app/src/server.js:9:1)")), hashes(js("TypeError: cb is not a function", "/app/src/server.js:30:1", "post (/app/src/server.js:39:1)"))],
    ["no stack: two services that are away, whose names are all that differs", hashes("", { type: "ConnectionError", message: "Cannot connect to Redis" }), hashes("", { type: "ConnectionError", message: "Cannot connect to Postgres" })],
    ["no stack: two types with one text", hashes("", { type: "TimeoutError", message: "failed" }), hashes("", { type: "AbortError", message: "failed" })],
  ])("%s", (_why, a, b) => {
    expect(joined(a, b)).toBe(false);
  });
});

describe("one problem in many groups: not", () => {
  const base = js("TypeError: Cannot read properties of undefined (reading 'price')", "total (/app/src/cart.js:10:5)", "async post (/app/src/server.js:20:3)", ...EXPRESS);
  it.each<[string, readonly string[], readonly string[]]>([
    ["lines shift", hashes(base), hashes(base.replace(":10:5", ":45:9").replace(":20:3", ":61:3"))],
    ["a package is upgraded", hashes(base), hashes(base.replace("route.js:149:13", "route-handler.js:7:1").replace("lib/router/layer.js", "dist/layer.cjs"))],
    ["asynchronous noise comes and goes", hashes(base), hashes(js("TypeError: Cannot read properties of undefined (reading 'price')", "total (/app/src/cart.js:10:5)", "async Promise.all (index 3)", "new Promise (<anonymous>)", "post (/app/src/server.js:20:3)", "async Layer.run (/app/node_modules/other/x.js:1:1)"))],
    ["the application moves to another folder", hashes(base), hashes(base.replaceAll("/app/", "/srv/releases/20260401/"))],
    ["the repository cannot be read at first, and then it can", groupError({ type: "TypeError", message: "Cannot read properties of undefined (reading 'price')", frames: parseError(base).frames }).hashes, hashes(base)],
    ["a release has a folder of its own, and there is no repository", hashes(js("Error: x", "f (/srv/releases/20260401/lib/own.js:1:1)")), hashes(js("Error: x", "f (/srv/releases/20260402/lib/own.js:1:1)"))],
    ["the recursion goes deeper", hashes(js("Error: bad node", "walk (/app/src/tree.js:3:5)", "walk (/app/src/tree.js:9:5)", "post (/app/src/server.js:1:1)")), hashes(js("Error: bad node", "walk (/app/src/tree.js:3:5)", ...Array.from({ length: 6 }, () => "walk (/app/src/tree.js:9:5)"), "post (/app/src/server.js:1:1)"))],
    ["the stack overflows at another call of the round", hashes(js("RangeError: Maximum call stack size exceeded", "walk (/app/src/tree.js:3:5)", "visit (/app/src/tree.js:9:5)", "walk (/app/src/tree.js:3:5)", "visit (/app/src/tree.js:9:5)")), hashes(js("RangeError: Maximum call stack size exceeded", "JSON.stringify (<anonymous>)", "visit (/app/src/tree.js:8:5)", "walk (/app/src/tree.js:3:5)", "visit (/app/src/tree.js:9:5)", "walk (/app/src/tree.js:3:5)"))],
    ["the message holds ids, names and times", hashes(js("Error: order 17 of ann at 10:00:01 not found", "find (/app/src/cart.js:1:1)")), hashes(js("Error: order 9 of bob at 11:30:59 not found", "find (/app/src/cart.js:7:1)"))],
    ["the runtime's message is localised", hashes("java.io.IOException: Verbindung verweigert\n\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)\n\tat com.acme.Cart.load(Cart.java:3)\n\tat com.acme.Main.main(Main.java:9)"), hashes("java.io.IOException: Connexion refusée\n\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)\n\tat com.acme.Cart.load(Cart.java:3)\n\tat com.acme.Main.main(Main.java:9)")],
    ["a name in the message", hashes(js("Error: Order 17 for Bob failed", "find (/app/src/cart.js:1:1)")), hashes(js("Error: Order 9 for Eve failed", "find (/app/src/cart.js:7:1)"))],
    ["what stands behind a colon", hashes(js("Error: cannot pay: card of ann", "pay (/app/src/pay.js:3:9)")), hashes(js("Error: cannot pay: card of bob", "pay (/app/src/pay.js:3:9)"))],
    ["what stands in quotes or brackets", hashes(py("ValueError: invalid literal for int() with base 10: 'x'")), hashes(py("ValueError: invalid literal for int() with base 10: 'y z'"))],
    ["a message that begins with data", hashes(js("Error: 17 is no order", "find (/app/src/cart.js:1:1)")), hashes(js("Error: 9 was refused", "find (/app/src/cart.js:7:1)"))],
    ["a key that is data", hashes(py("KeyError: 'ord-17'")), hashes(py("KeyError: 'ord-18'"))],
    ["another thing invalid of pydantic", hashes(py("ValidationError: 1 validation error for Order\nprice\n  Field required")), hashes(py("ValidationError: 2 validation errors for Order\nprice\n  Field required\nname\n  Field required"))],
    ["a fix that failed moved the throw and kept the message", hashes(js("Error: payment declined", "pay (/app/src/pay.js:3:9)")), hashes(js("Error: payment declined", "pay (/app/src/pay.js:41:13)"))],
    ["a lambda gets another number", hashes("java.lang.IllegalStateException: x\n\tat com.acme.Cart.lambda$total$0(Cart.java:3)\n\tat com.acme.Main$$Lambda$14/0x0000.run(Unknown Source)"), hashes("java.lang.IllegalStateException: x\n\tat com.acme.Cart.lambda$total$7(Cart.java:8)\n\tat com.acme.Main$$Lambda$99/0x00ff.run(Unknown Source)")],
    ["another browser says it in its own words", hashes(js("TypeError: Cannot read properties of undefined (reading 'price')", "total (https://x.example/main.js:1:100)")), hashes("total@https://x.example/main.js:1:104", { type: "TypeError", message: 'can\'t access property "price", cart.lines[0] is undefined' })],
    ["yet another browser", hashes(js("TypeError: Cannot read properties of undefined (reading 'price')", "total (https://x.example/main.js:1:100)")), hashes("total@https://x.example/main.js:1:104", { type: "TypeError", message: "undefined is not an object (evaluating 'cart.line.price')" })],
    ["an index differs", hashes("panic: runtime error: index out of range [3] with length 2\n\ngoroutine 1 [running]:\nmain.total()\n\t/src/main.go:9 +0x1"), hashes("panic: runtime error: index out of range [-1]\n\ngoroutine 1 [running]:\nmain.total()\n\t/src/main.go:12 +0x1")],
    ["a goroutine and addresses differ", hashes("panic: runtime error: index out of range [3] with length 2\n\ngoroutine 1 [running]:\nexample.org/shop/cart.(*Cart).Total(0xc0001)\n\t/src/cart/cart.go:9 +0x1\nmain.main()\n\t/src/main.go:6 +0x2"), hashes("panic: runtime error: index out of range [9] with length 4\n\ngoroutine 42 [running]:\nexample.org/shop/cart.(*Cart).Total(0xc0ffe)\n\t/src/cart/cart.go:11 +0x7\nmain.main()\n\t/src/main.go:8 +0x5")],
    ["a bundle gets another hash", hashes(js("TypeError: x is not iterable", "renderCart (https://x.example/main.3f2a9bc1.js:1:100)")), hashes(js("TypeError: x is not iterable", "renderCart (https://x.example/main.77ab01c2.js:1:733)"))],
    ["an id in the text of an error without a stack", hashes("", { type: "HttpError", message: "GET https://pay.example/orders/17 said 503 after 250ms" }), hashes("", { type: "HttpError", message: "GET https://pay.example/orders/99?retry=1 said 503 after 3s" })],
    ["the address behind a port that was given out by chance", hashes(js("Error: connect ECONNREFUSED 10.0.0.7:5432", "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)")), hashes(js("Error: connect ECONNREFUSED 10.9.9.9:5432", "TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:9)"))],
  ])("%s", (_why, a, b) => {
    expect(joined(a, b)).toBe(true);
  });
});

it("cannot tell apart what is the same but for the line: anonymous functions of one file that nobody with a name calls", () => {
  expect(joined(hashes(js("TypeError: cb is not a function", "/app/src/server.js:3:1", ...EXPRESS)), hashes(js("TypeError: cb is not a function", "/app/src/server.js:30:1", ...EXPRESS)))).toBe(true);
});

it("tells by the fingerprint what a group holds together, so that a person can split it", () => {
  const of = (message: string): { group: string; fingerprint: string } => {
    const { groupId, fingerprint } = groupError({ type: "Error", message, frames: mapFrames(parseError(js(`Error: ${message}`, "find (/app/src/cart.js:1:1)")).frames, { paths: PATHS }) });
    return { group: groupId, fingerprint };
  };
  expect(of("order for Bob failed").group).toBe(of("order for Eve failed").group);
  expect(of("order for Bob failed").fingerprint).not.toBe(of("order for Eve failed").fingerprint);
  expect(of("no cart 17").fingerprint).toBe(of("no cart 18").fingerprint);
});
