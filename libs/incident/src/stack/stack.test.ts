import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapFrames } from "./map.ts";
import { parseStack } from "./parse.ts";

const brief = (text: string): string[] => parseStack(text).map((f) => `${f.inApp ? "+" : "-"}${f.function}@${f.file}:${f.line}:${f.column}`);

describe("V8 stacks", () => {
  it("reads every form of a frame, innermost first", () => {
    expect(brief(`TypeError: Cannot read properties of undefined (reading 'percent')
    at applyCoupon (file:///app/src/my%20coupons.js:12:31)
    at new Cart (/app/src/cart.js:3:7)
    at Object.handle [as process] (C:\\app\\src\\win.js:4:5)
    at async /app/src/server.js?t=17:40:3
    at Array.map (<anonymous>)
    at async Promise.all (index 2)
    at eval (eval at compile (/app/src/rules.js:8:2), <anonymous>:1:1)
    at render (webpack-internal:///(rsc)/./src/app/page.tsx:10:5)
    at next (/app/node_modules/express/lib/router.js:1:1)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`)).toEqual([
      "+applyCoupon@/app/src/my coupons.js:12:31",
      "+Cart@/app/src/cart.js:3:7",
      "+Object.handle@C:\\app\\src\\win.js:4:5",
      "+@/app/src/server.js:40:3",
      "-Array.map@<anonymous>:0:0",
      "-Promise.all@<anonymous>:0:0",
      "+@/app/src/rules.js:8:2",
      "+render@src/app/page.tsx:10:5",
      "-next@/app/node_modules/express/lib/router.js:1:1",
      "-process.processTicksAndRejections@node:internal/process/task_queues:105:5",
    ]);
  });

  it("puts the frames of a cause before those of the error that wraps it", () => {
    const text = `Error: checkout failed
    at checkout (/app/src/checkout.js:9:9) {
  [cause]: TypeError: boom
      at total (/app/src/cart.js:5:5)
}`;
    expect(parseStack(text).map((f) => f.function)).toEqual(["total", "checkout"]);
    expect(parseStack("AggregateError: all failed\n    at run (/a/run.js:1:1) {\n  [errors]: [\n    Error: one\n        at first (/a/b.js:2:2)\n  ]\n}").map((f) => f.function)).toEqual(["first", "run"]);
  });

  it("does not take prose for a frame", () => {
    expect(parseStack("Error: meet me\n  at the office (third floor)\n  at noon")).toEqual([]);
  });
});

describe("Python tracebacks", () => {
  it("turns the order round", () => {
    expect(brief(`Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    run()
  File "/srv/venv/lib/python3.12/site-packages/flask/app.py", line 9, in dispatch
    ~~~^^
  File "/srv/app/cart.py", line 7, in total
    return a.b
  [Previous line repeated 996 more times]
AttributeError: 'NoneType' object has no attribute 'b'`)).toEqual(["+total@/srv/app/cart.py:7:0", "-dispatch@/srv/venv/lib/python3.12/site-packages/flask/app.py:9:0", "+@/srv/app/main.py:3:0"]);
  });

  const two = (link: string): string => `Traceback (most recent call last):\n  File "/a/first.py", line 1, in first\nKeyError: 'x'\n\n${link}\n\nTraceback (most recent call last):\n  File "/a/second.py", line 2, in second\nValueError: y`;
  it("knows a cause from an error during handling", () => {
    expect(parseStack(two("The above exception was the direct cause of the following exception:")).map((f) => f.function)).toEqual(["first", "second"]);
    expect(parseStack(two("During handling of the above exception, another exception occurred:")).map((f) => f.function)).toEqual(["second", "first"]);
  });
});

describe("any text", () => {
  const bits = fc.array(fc.constantFrom("    at ", "async ", "(", ")", "eval at ", ":1", ":2:3", "new ", "/a/b.js", "[cause]:", "\n", 'File "', '", line 3, in f', "Traceback (most recent call last):\n", "é", "\\"), { maxLength: 60 });
  it("gives bounded frames and never throws", () => {
    fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 300 }), bits.map((all) => all.join(""))), (text) => {
      for (const frame of parseStack(text)) expect(frame.line).toBeGreaterThanOrEqual(0);
    }));
    expect(parseStack("    at f (/a.js:1:1)\n".repeat(5000))).toHaveLength(200);
  });

  it("stays fast on hostile text", () => {
    const start = performance.now();
    parseStack(`at ${"(".repeat(60_000)}${")".repeat(4000)}`);
    parseStack(`Traceback (most recent call last):\n  File "${"a".repeat(60_000)}`);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("mapFrames", () => {
  const map = (file: string, paths: string[], inApp: string[] = []): string[] => mapFrames(parseStack(`    at f (${file}:1:1)`), { paths, inApp }).map((f) => `${f.path}${f.inApp ? "" : " (not in app)"}`);
  it("takes the longest suffix that names one file", () => {
    expect(map("/app/src/cart.js", ["services/shop/src/cart.js", "services/shop/src/x.js"])).toEqual(["services/shop/src/cart.js"]);
    expect(map("/home/ci/shop/src/cart.js", ["a/shop/src/cart.js", "b/src/cart.js"])).toEqual(["a/shop/src/cart.js"]);
    expect(map("C:\\build\\src\\cart.js", ["src/cart.js"])).toEqual(["src/cart.js"]);
  });
  it("maps nothing rather than guess", () => {
    expect(map("/app/index.js", ["a/index.js", "b/index.js"])).toEqual([""]);
    expect(map("/app/node_modules/x/index.js", ["index.js"])).toEqual([" (not in app)"]);
    expect(map("node:internal/util.js", ["util.js"])).toEqual([" (not in app)"]);
  });
  it("lets other frames and the manifest decide between several", () => {
    const paths = ["a/index.js", "b/index.js", "b/only.js"];
    const frames = parseStack("    at f (/app/index.js:1:1)\n    at g (/app/only.js:2:2)");
    expect(mapFrames(frames, { paths }).map((f) => f.path)).toEqual(["b/index.js", "b/only.js"]);
    expect(map("/app/index.js", paths, ["a/"])).toEqual(["a/index.js"]);
    expect(map("/app/src/x.js", ["lib/x.js", "src/x.js"], ["src/"])).toEqual(["src/x.js"]);
    expect(map("/app/lib/x.js", ["lib/x.js"], ["src/"])).toEqual(["lib/x.js (not in app)"]);
  });
});

it("mapFrames takes the service's own file of several, and says nothing where it has several itself", () => {
  const map = (paths: string[], own: string[]): string[] => mapFrames(parseStack("    at f (/app/app.js:1:1)"), { paths, own }).map(({ path }) => path);
  const paths = ["services/cart/app.js", "services/mail/app.js"];
  expect([map(paths, ["services/cart/"]), map(paths, ["./services/mail"]), map(paths, ["services"]), map(paths, []), map(paths, ["services/car"])]).toEqual([["services/cart/app.js"], ["services/mail/app.js"], [""], [""], [""]]);
});

describe("mapFrames by the manifest's rules", () => {
  const paths = ["services/shop/src/cart.js", "services/pay/src/cart.js", "vendored/own/x.js", "cart.js"];
  const map = (file: string, frames: { from: string; to: string }[], inApp: string[] = []): string[] => mapFrames(parseStack(`    at f (${file}:1:1)`), { paths, frames, inApp }).map((f) => `${f.path}${f.inApp ? "" : " (not in app)"}`);
  it("takes the first rule that fits, and then no other way", () => {
    expect(map("/app/src/cart.js", [{ from: "/app/", to: "services/pay/" }, { from: "/app/", to: "services/shop/" }])).toEqual(["services/pay/src/cart.js"]);
    expect(map("/app/lib/cart.js", [{ from: "/app/", to: "services/pay/" }])).toEqual([""]);
    expect(map("C:\\app\\src\\cart.js", [{ from: "C:/app", to: "services/shop" }])).toEqual(["services/shop/src/cart.js"]);
    expect(map("/app/cart.js", [{ from: "/app/", to: "" }])).toEqual(["cart.js"]);
    expect(map("/srv/services/shop/src/cart.js", [{ from: "/app/", to: "services/pay/" }])).toEqual(["services/shop/src/cart.js"]);
  });
  it("finds own code in folders that look like a package's, and obeys inApp", () => {
    expect(map("/app/vendor/own/x.js", [{ from: "/app/vendor/", to: "vendored/" }])).toEqual(["vendored/own/x.js"]);
    expect(map("/app/vendor/own/x.js", [{ from: "/app/vendor/", to: "vendored/" }], ["services/"])).toEqual(["vendored/own/x.js (not in app)"]);
  });
});
