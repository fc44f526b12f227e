import { describe, expect, it } from "vitest";
import { parseStack } from "./parse.ts";

// Text in the documented forms, as runtimes print it.
const brief = (text: string, type?: string): string[] => parseStack(text, type === undefined ? {} : { type }).map((f) => `${f.inApp ? "+" : "-"}${f.function}@${f.file}:${f.line}`);

describe("browsers and other engines", () => {
  it("reads Firefox: async calls, closures, evaluated code, no name", () => {
    expect(
      brief(`total@https://shop.example/static/main.js:10:5
Cart.prototype.render/<@https://shop.example/static/main.js:22:7
async*checkout@https://shop.example/static/main.js:30:9
promise callback*@https://shop.example/static/main.js:31:3
rule@https://shop.example/static/rules.js line 7 > eval:1:1
@moz-extension://b1c2/content.js:3:1`),
    ).toEqual(["+total@/static/main.js:10", "+Cart.prototype.render@/static/main.js:22", "+checkout@/static/main.js:30", "+@/static/main.js:31", "+rule@/static/rules.js:7", "-@moz-extension://b1c2/content.js:3"]);
  });

  it("reads Safari and Bun, and Hermes", () => {
    expect(brief("total@https://shop.example/main.js:10:5\nmap@[native code]\nglobal code@https://shop.example/main.js:99:1")).toEqual(["+total@/main.js:10", "-map@native:0", "+@/main.js:99"]);
    expect(brief("TypeError: x\n    at total (address at index.android.bundle:1:23456)\n    at anonymous (address at /data/app/main.jsbundle:1:7)")).toEqual(["+total@index.android.bundle:1", "+anonymous@/data/app/main.jsbundle:1"]);
  });

  it("takes no prose and no mail address for a frame", () => {
    expect(brief("mail to ann@example.org:25 failed\nask bob@/home for more\nsee the docs @https://x.example/a.js:1:2 please")).toEqual([]);
  });

  it("reads bundlers' and Windows' places", () => {
    expect(
      brief(`Error: x
    at a (webpack-internal:///./src/a.ts:1:1)
    at b (webpack://shop/./src/b.ts:2:2)
    at c (rsc://React/Server/webpack-internal:///(rsc)/./app/c.tsx?12:3:3)
    at d (file:///C:/app/src/d.js:4:4)
    at e (http://localhost:5173/src/e.ts?t=1718:5:5)
    at f (chrome-extension://abc/f.js:6:6)
    at wasm://wasm/002a:1:7`),
    ).toEqual(["+a@src/a.ts:1", "+b@src/b.ts:2", "+c@app/c.tsx:3", "+d@C:/app/src/d.js:4", "+e@/src/e.ts:5", "-f@chrome-extension://abc/f.js:6", "-@wasm://wasm/002a:1"]);
  });
});

describe("the Java machine", () => {
  it("reads circular references, what wraps a root cause, and frames without sources", () => {
    expect(
      brief(`java.lang.RuntimeException: a
\tat com.acme.A.run(A.java:3)
\t... 23 more
Caused by: java.lang.IllegalStateException: b
\tat com.acme.B.run(SourceFile:12)
\tat com.acme.B.go(Unknown Source:7)
\t[CIRCULAR REFERENCE: java.lang.RuntimeException: a]`),
    ).toEqual(["-B.run@:0", "-B.go@:0", "+A.run@com/acme/A.java:3"]);
    expect(brief("java.lang.IllegalStateException: root\n\tat com.acme.Deep.dig(Deep.java:1)\nWrapped by: java.lang.RuntimeException: outer\n\tat com.acme.Outer.run(Outer.java:2)")).toEqual(["+Deep.dig@com/acme/Deep.java:1", "+Outer.run@com/acme/Outer.java:2"]);
  });

  it("names functions of Kotlin, Scala and Clojure without what their compilers number", () => {
    expect(
      brief(`java.lang.IllegalStateException: x
\tat com.acme.CartKt$total$1.invokeSuspend(Cart.kt:8)
\tat _COROUTINE._BOUNDARY._(CoroutineDebugging.kt:42)
\tat com.acme.Main$.$anonfun$total$1(Main.scala:3)
\tat com.acme.Main$.main(Main.scala:9)
\tat acme.shop$total$fn__2317.invoke(shop.clj:12)`),
    ).toEqual(["+CartKt.total.invokeSuspend@com/acme/Cart.kt:8", "-_BOUNDARY._@_COROUTINE/CoroutineDebugging.kt:42", "+Main.total@com/acme/Main.scala:3", "+Main.main@com/acme/Main.scala:9", "+shop.total.invoke@acme/shop.clj:12"]);
  });

  it("reads PHP as its OpenTelemetry SDK prints it", () => {
    expect(brief("App.CartError: empty\n at App.Cart.total(Cart.php:42)\n at Symfony.Component.HttpKernel.handle(HttpKernel.php:7)")).toEqual(["+Cart.total@App/Cart.php:42", "-HttpKernel.handle@Symfony/Component/HttpKernel.php:7"]);
  });
});

describe("Go", () => {
  it("reads panics that were recovered and raised again, with the runtime's frames", () => {
    expect(
      brief(`panic: first [recovered]
\tpanic: second

goroutine 18 [running]:
main.handler.func1()
\t/src/main.go:12 +0x45
panic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
main.middle({0x3, 0x4})
\t/src/main.go:20 +0x1
panic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
runtime.panicIndex()
\t/usr/local/go/src/runtime/panic.go:114 +0x1
main.(*Cart).Total(...)
\t/src/cart.go:9
created by main.main in goroutine 1
\t/src/main.go:5 +0x2`),
    ).toEqual(["-panicIndex@/usr/local/go/src/runtime/panic.go:114", "+Cart.Total@/src/cart.go:9", "+main@/src/main.go:5"]);
  });

  it("reads stacks without arguments, as pkg/errors and zap write them", () => {
    expect(brief("cart is empty\ngithub.com/acme/shop/cart.(*Cart).Total\n\t/src/cart/cart.go:9\nmain.main\n\t/src/main.go:6\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:271")).toEqual(["+Cart.Total@/src/cart/cart.go:9", "+main@/src/main.go:6", "-main@/usr/local/go/src/runtime/proc.go:271"]);
  });
});

describe("Python", () => {
  it("reads exception groups: the members before the group", () => {
    expect(
      brief(`  + Exception Group Traceback (most recent call last):
  |   File "/app/main.py", line 9, in run
  |     raise ExceptionGroup("two", errors)
  | ExceptionGroup: two (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/a.py", line 2, in outer
    |     inner()
    |   File "/app/a.py", line 5, in inner
    | ValueError: 1
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/app/b.py", line 3, in other
    | TypeError: 2
    +------------------------------------`),
    ).toEqual(["+inner@/app/a.py:5", "+outer@/app/a.py:2", "+other@/app/b.py:3", "+run@/app/main.py:9"]);
  });
});

describe("other languages", () => {
  it("reads .NET in the machine's language, with local functions", () => {
    expect(brief("System.Exception: kaputt\n   bei Shop.Cart.<Total>g__Sum|4_0(Int32 a) in C:\\src\\Cart.cs:Zeile 42.\n   bei System.Linq.Enumerable.Sum()")).toEqual(["+Shop.Cart.Total@C:\\src\\Cart.cs:42", "-System.Linq.Enumerable.Sum@:0"]);
    expect(brief("System.Exception: cassé\n   à Shop.Cart.Total() dans /src/Cart.cs:ligne 3\n--- End of stack trace from previous location ---\n   à Shop.Web.Run() dans /src/Web.cs:ligne 4")).toEqual(["+Shop.Cart.Total@/src/Cart.cs:3", "+Shop.Web.Run@/src/Web.cs:4"]);
  });

  it("reads causes, templates and the old order of Ruby", () => {
    expect(brief("/app/a.rb:1:in 'outer': failed (RuntimeError)\n\tfrom /app/main.rb:9:in '<main>'\n/app/b.rb:2:in 'inner': no (KeyError)\n\tfrom /app/a.rb:1:in 'rescue in outer'")).toEqual(["+inner@/app/b.rb:2", "+outer@/app/a.rb:1", "+outer@/app/a.rb:1", "+@/app/main.rb:9"]);
    expect(brief("/app/views/show.html.erb:3:in `_app_views_show_html_erb___3141592653_2718'")).toEqual(["+_app_views_show_html_erb@/app/views/show.html.erb:3"]);
    expect(brief("Traceback (most recent call last):\n\t2: from /app/main.rb:9:in `<main>'\n\t1: from /app/a.rb:5:in `outer'\n/app/a.rb:1:in `inner': no (RuntimeError)")).toEqual(["+inner@/app/a.rb:1", "+outer@/app/a.rb:5", "+@/app/main.rb:9"]);
  });

  it("reads chained exceptions of PHP, each function with its own place", () => {
    expect(
      brief(`InvalidArgumentException: deep in /app/src/Money.php:7
Stack trace:
#0 /app/src/Cart.php(42): App\\Money::of('x')
#1 {main}

Next App\\CartError: outer in /app/src/Cart.php:44
Stack trace:
#0 /app/index.php(3): App\\Cart->total()
#1 {main}
  thrown in /app/src/Cart.php on line 44`),
    ).toEqual(["+App\\Money::of@/app/src/Money.php:7", "+@/app/src/Cart.php:42", "+App\\Cart->total@/app/src/Cart.php:44", "+@/app/index.php:3"]);
  });
});
