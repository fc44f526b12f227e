import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mapFrames } from "./map.ts";
import { parseStack } from "./parse.ts";

const brief = (text: string): string[] => parseStack(text).map((frame) => `${frame.inApp ? "+" : "-"}${frame.function}@${frame.file}:${frame.line}`);

describe("Java stacks", () => {
  const text = `Exception in thread "main" java.lang.RuntimeException: wrapped
\tat com.acme.shop.Main.main(Main.java:6)
\tSuppressed: java.lang.IllegalStateException: close
\t\tat com.acme.shop.Main$Res.close(Main.java:4)
\t\t... 1 more
\tCaused by: java.lang.RuntimeException: deep
\t\tat com.acme.shop.Deep.dig(Deep.kt:9)
\t\t... 2 more
Caused by: java.lang.IndexOutOfBoundsException: Index: 5 Size: 1
\tat java.base/java.util.ImmutableCollections$List12.get(ImmutableCollections.java:585)
\tat com.acme.shop.Main.total(Main.java:5)
\tat app//com.acme.shop.Main.lambda$main$0(Main.java:6) ~[shop.jar!/:1.0]
\tat com.acme.shop.Cart$$EnhancerBySpringCGLIB$$1a2b.total(<generated>)
\tat org.springframework.web.Servlet.service(Servlet.java:897)
\tat java.base/jdk.internal.reflect.Native.invoke0(Native Method)
\t... 1 more`;

  it("puts the deepest cause first and what was suppressed last, and finds the folder in the package", () => {
    expect(brief(text)).toEqual([
      "-ImmutableCollections.List12.get@java/util/ImmutableCollections.java:585",
      "+Main.total@com/acme/shop/Main.java:5",
      "+Main.main@com/acme/shop/Main.java:6",
      "-Servlet.service@org/springframework/web/Servlet.java:897",
      "-Native.invoke0@:0",
      "+Main.main@com/acme/shop/Main.java:6",
      "+Main.Res.close@com/acme/shop/Main.java:4",
      "+Deep.dig@com/acme/shop/Deep.kt:9",
    ]);
  });

  it("maps frames to the sources, and none of the platform's to a file of the same name", () => {
    const paths = ["shop/src/main/java/com/acme/shop/Main.java", "shop/src/test/java/com/acme/other/Main.java", "src/Servlet.java"];
    const mapped = mapFrames(parseStack(text), { paths });
    expect(mapped.filter(({ path }) => path !== "").map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => paths[0]));
    expect(mapped.filter(({ inApp }) => inApp).map(({ line }) => line)).toEqual([5, 6, 6, 4]);
  });
});

describe("Go stacks", () => {
  it("reads a panic: closures, methods, generics; the first goroutine only", () => {
    expect(
      brief(`panic: runtime error: index out of range [10] with length 2

goroutine 1 [running]:
github.com/acme/shop/cart.(*Cart).Sorted.func1(0x4b7f80?, 0x213727a9c2a0?)
\t/src/cart/cart.go:6 +0x3b
sort.Slice({0x4b7f80, 0x213727a9c2a0}, 0x213727a96ee0)
\t/usr/local/go/src/sort/slice.go:29 +0x85
github.com/gin-gonic/gin.(*Context).Next(...)
\t/go/pkg/mod/github.com/gin-gonic/gin@v1.10.0/context.go:185
github.com/acme/shop/cart.Apply[...](0x0?, 0x213727a96f60?)
\t/src/cart/cart.go:5 +0x19
main.main()
\t/src/main.go:6 +0xaf
created by net/http.(*Server).Serve in goroutine 7
\tnet/http/server.go:3285 +0x4b4

goroutine 5 [select]:
main.other()
\t/src/other.go:1 +0xaf
exit status 2`),
    ).toEqual(["+Cart.Sorted@/src/cart/cart.go:6", "-Slice@/usr/local/go/src/sort/slice.go:29", "-Context.Next@/go/pkg/mod/github.com/gin-gonic/gin@v1.10.0/context.go:185", "+Apply@/src/cart/cart.go:5", "+main@/src/main.go:6", "-Server.Serve@net/http/server.go:3285"]);
  });

  it("leaves out what recovered the panic", () => {
    expect(
      brief(`goroutine 1 gp=0xc000002380 m=0 mp=0x5a1f40 [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
main.main.func1()
\t/src/main.go:5 +0x18
panic({0x4cd040?, 0x37c38f3fa078?})
\t/usr/local/go/src/runtime/panic.go:860 +0x14f
shop/cart.Total(...)
\tshop/cart/cart.go:7`),
    ).toEqual(["+Total@shop/cart/cart.go:7"]);
  });
});

describe("Rust stacks", () => {
  const RUSTC = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library";
  const CRATE = "/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/indexmap-2.14.2/src/map.rs";

  it("reads a panic's backtrace: traits, closures, generics, other crates; the first thread only", () => {
    expect(
      brief(`
thread 'main' (15621) panicked at src/main.rs:6:71:
index out of bounds: the len is 1 but the index is 7
stack backtrace:
   0: __rustc::rust_begin_unwind
             at ${RUSTC}/std/src/panicking.rs:689:5
   1: <indexmap::map::IndexMap<K,V,S> as core::ops::index::Index<&Q>>::index
             at ${CRATE}:1616:23
   2: <shop::cart::Cart as shop::cart::Priced>::total::{{closure}}
             at ./src/main.rs:6:71
   3: __rust_try
   4: shop::cart::sum::<alloc::vec::Vec<u32>>
             at ./src/cart.rs:8:55
   5: core::ops::function::FnOnce::call_once
             at ${RUSTC}/core/src/ops/function.rs:250:5
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.

thread 'worker' (15622) panicked at src/main.rs:14:23:
no entry found for key
stack backtrace:
   0: shop::main
             at ./src/main.rs:14:23`),
    ).toEqual([`-rust_begin_unwind@${RUSTC}/std/src/panicking.rs:689`, `-index@${CRATE}:1616`, "+total@./src/main.rs:6", "+sum@./src/cart.rs:8", `-call_once@${RUSTC}/core/src/ops/function.rs:250`]);
  });

  it("reads addresses and hashes of a full one", () => {
    expect(brief("stack backtrace:\n  27:     0x55721fe37f3f - shop::cart::pay::h4f1b0b407929a34f\n                               at /src/main.rs:8:55")).toEqual(["+pay@/src/main.rs:8"]);
  });

  it("puts the panic's place where an optimised build has no frame of it, and inlined calls with the others", () => {
    const text = (place: string): string => `thread 'main' panicked at ${place}:\noops\nstack backtrace:\n   0: rust_begin_unwind\n             at ${RUSTC}/std/src/panicking.rs:689:5\n   1: indexmap::get\n             at ${CRATE}:9:1\n   2: shop::cart::all\n             at ./src/cart.rs:6:1\n      shop::main\n             at ./src/main.rs:8:1\n`;
    const rest = [`-get@${CRATE}:9`, "+all@./src/cart.rs:6", "+main@./src/main.rs:8"];
    expect(brief(text("src/cart.rs:2:6")).slice(1)).toEqual(["+@src/cart.rs:2", ...rest]);
    expect(brief(text("src/cart.rs:6:1")).slice(1)).toEqual(rest);
    expect(brief(text(`${RUSTC}/core/src/option.rs:2:6`)).slice(1)).toEqual(rest);
    // A panic of before that had no backtrace of its own, and the nearest one of two.
    const anyhow = "Error: boom\n\nStack backtrace:\n   0: anyhow::error::msg\n             at /root/.cargo/registry/src/index-1/anyhow-1.0.80/src/error.rs:83:36\n   1: shop::b::b\n             at ./src/b.rs:2:10\n";
    expect(brief(`thread 'worker' panicked at src/a.rs:2:10:\nretrying\nnote: run with \`RUST_BACKTRACE=1\`\n${anyhow}`)).not.toContain("+@src/a.rs:2");
    expect(brief(`thread 'worker' panicked at src/a.rs:2:10:\nretrying\n${text("src/cart.rs:5:20")}`)).toEqual(brief(text("src/cart.rs:5:20")));
    const stripped = `thread 'main' panicked at src/main.rs:2:6:\noops\nstack backtrace:\n   0: rust_begin_unwind\n             at ${RUSTC}/std/src/panicking.rs:689:5\n   1: core::panicking::panic\n             at ${RUSTC}/core/src/panicking.rs:1:5\n   2: shop::main\n   3: main`;
    expect(brief(stripped).at(-1)).toBe("+@src/main.rs:2");
  });

  it("is not taken for the stack of a program that loads it, or quotes it", () => {
    const js = "TypeError: no\n    at f (/app/a.js:1:2)";
    for (const said of ["thread '<unnamed>' panicked at src/lib.rs:10:5:\noops\n", "SyntaxError: no\n  1: cannot move\n      at src/parser.rs:12:4\n"]) expect(brief(said + js)).toContain("+f@/app/a.js:1");
  });

  it("has the place of the panic where there is no backtrace, in either form", () => {
    expect(brief("thread 'main' panicked at 'assertion failed: `(left == right)`\n  left: `1`,\n right: `2`', src/cart.rs:5:5\nnote: run with")).toEqual(["+@src/cart.rs:5"]);
    expect(brief("thread 'main' panicked at src/plan.rs:8:10:\noops\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace")).toEqual(["+@src/plan.rs:8"]);
    expect(brief("thread 'main' panicked at 'oops', src/plan.rs:8:10")).toEqual(["+@src/plan.rs:8"]);
  });
});

describe("stacks of .NET, Ruby and PHP", () => {
  it("reads .NET with inner exceptions, lambdas and frames without symbols", () => {
    expect(
      brief(`System.InvalidOperationException: outer
 ---> System.NullReferenceException: Object reference not set to an instance of an object.
   at Shop.Cart.<>c__DisplayClass4_0.<Total>b__0(Item i) in /src/Shop/Cart.cs:line 42
   at System.Linq.Enumerable.Sum[TSource](IEnumerable\`1 source, Func\`2 selector)
   --- End of inner exception stack trace ---
   at Shop.Orders.<PayAsync>d__7.MoveNext() in C:\\src\\Shop\\Orders.cs:line 19`),
    ).toEqual(["+Shop.Cart.Total@/src/Shop/Cart.cs:42", "-System.Linq.Enumerable.Sum[TSource]@:0", "+Shop.Orders.PayAsync@C:\\src\\Shop\\Orders.cs:19"]);
  });

  it("reads Ruby, old and new", () => {
    expect(
      brief(`/app/models/cart.rb:12:in 'Cart#total': undefined method '+' for nil (NoMethodError)
\tfrom /app/models/cart.rb:5:in \`block (2 levels) in sum'
\tfrom /usr/local/bundle/gems/rack-3.1.7/lib/rack/handler.rb:9:in \`call'
\tfrom /app/config.ru:3:in '<main>'`),
    ).toEqual(["+Cart#total@/app/models/cart.rb:12", "+sum@/app/models/cart.rb:5", "-call@/usr/local/bundle/gems/rack-3.1.7/lib/rack/handler.rb:9", "+@/app/config.ru:3"]);
  });

  it("reads PHP", () => {
    expect(
      brief(`PHP Fatal error:  Uncaught App\\CartError: empty in /var/www/src/Money.php:9
Stack trace:
#0 /var/www/src/Cart.php(42): App\\Cart->total(Array)
#1 /var/www/vendor/laravel/framework/src/Router.php(7): App\\{closure}(NULL)
#2 [internal function]: array_map(Object(Closure), Array)
#3 {main}`),
    ).toEqual(["+App\\Cart->total@/var/www/src/Money.php:9", "+App\\{closure}@/var/www/src/Cart.php:42", "-array_map@/var/www/vendor/laravel/framework/src/Router.php:7"]);
  });
});

it("never throws, gives frames within bounds, and ends soon, whatever the text is", () => {
  const piece = fc.constantFrom("at ", "a.b.C", "(", ")", "(C.java:1)", "Caused by: ", "\tSuppressed: x", "goroutine 1 [running]:", "\n\t/a/b.go:7 +0x1", "created by ", "panic(", " in /x.cs:line 3", "#0 /a.php(1): f", "a.rb:3:in 'x'", "\n", "\t", "…", "File \"x\", line 1", "$$", "<>c", "/", ".", "[...]");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (parts) => {
      for (const frame of parseStack(parts.join(""))) expect(Number.isSafeInteger(frame.line) && frame.line >= 0).toBe(true);
    }),
    { numRuns: 500 },
  );
  for (const part of ["at a.", "at a/", "/", "<", "(", "at x(x", "#0 a", "from a", "goroutine 1 [", "File \""]) {
    const began = performance.now();
    parseStack(part.repeat(40_000));
    parseStack(`${part.repeat(300)}\n`.repeat(40));
    expect(performance.now() - began).toBeLessThan(1_000);
  }
});
