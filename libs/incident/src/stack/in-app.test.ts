import { describe, expect, it } from "vitest";
import { isLibraryFile } from "./in-app.ts";
import { mapFrames } from "./map.ts";
import { parseError } from "./error.ts";

it.each(["node:internal/process/task_queues", "internal/modules/cjs/loader.js", "ext:deno_web/02_event.js", "bun:wrap", "<anonymous>", "native", "wasm://wasm/a1b2", "/app/node_modules/pg/lib/client.js", "/usr/lib/python3.12/json/decoder.py", "C:\\Python312\\Lib\\json\\decoder.py", "/root/.pyenv/versions/3.11.4/lib/python3.11/asyncio/runners.py", "/usr/local/bundle/gems/rack-3.0.8/lib/rack/builder.rb", "/usr/local/bundle/bundler/gems/rails-1a2b3c4d5e6f/lib/rails.rb", "/go/pkg/mod/golang.org/x/net/http2/server.go", "/usr/local/go/src/net/http/server.go", "/app/vendor/laravel/framework/src/Kernel.php", "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde-1.0.1/src/de.rs", "/usr/local/cargo/git/checkouts/a-1a2b/3c4d/src/lib.rs", "/rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/panicking.rs", "/root/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/option.rs"])("knows %s for somebody else's", (file) => {
  expect(isLibraryFile(file)).toBe(true);
});

it.each(["/app/internal/stock/reserve.go", "internal/stock/reserve.go", "/app/node/src/pay.js", "node/src/pay.js", "ext/native.rb", "/srv/python3/app.py", "gems/billing/lib/billing.rb", "/app/gems/shop-billing/lib/billing.rb", "src/Vendor/VendorController.php", "bun/index.ts", "/app/cargo/registry/tariff.rs"])("leaves %s to the application", (file) => {
  expect(isLibraryFile(file)).toBe(false);
});

describe("a Go service whose code lies in internal/", () => {
  it("has its frames", () => {
    const { frames } = parseError("panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine 34 [running]:\nexample.com/shop/internal/stock.Reserve(...)\n\t/app/internal/stock/reserve.go:5\nexample.com/shop/internal/http.Handle(0xc0000, 0x1)\n\t/app/internal/http/handler.go:4 +0x1d\nmain.main()\n\t/app/cmd/server/main.go:9 +0x2f\n");
    const mapped = mapFrames(frames, { paths: ["internal/stock/reserve.go", "internal/http/handler.go", "cmd/server/main.go"] });
    expect(mapped.filter(({ inApp }) => inApp).map(({ path, line }) => `${path}:${line}`)).toEqual(["internal/stock/reserve.go:5", "internal/http/handler.go:4", "cmd/server/main.go:9"]);
  });
});
