import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createMemoryBus } from "@firstfix/bus";
import { EMPTY_STATE, fold, withoutContents } from "@firstfix/incident";
import { createLogger, parseConfig } from "@firstfix/kit";
import { insertRows, journalEvents, openStore, select } from "@firstfix/store";
import { build } from "vite";
import { expect, it } from "vitest";
import { startCorrelator } from "../index.ts";
import { TestRepository } from "../testing/repository.ts";
import { sendSpans } from "../testing/telemetry.ts";

const URL = "https://example.org/shop";
const CART = "type Coupon = { percent: number };\nconst coupons: Record<string, Coupon> = { SAVE10: { percent: 10 } };\n\nexport function discountOf(code: string): number {\n  const coupon = coupons[code];\n  if (coupon === undefined) return 0;\n  return coupon.percent;\n}\n";
const FAULTY = CART.replace("  if (coupon === undefined) return 0;\n", "");
const MAIN = 'import { discountOf } from "./cart.ts";\n\nfunction checkout(code: string): void {\n  console.log(discountOf(code));\n}\n\ncheckout(process.argv[2] ?? "SAVE10");\n';

it("blames the line of the source for an error that a minified bundle threw in real Node", async () => {
  const folder = mkdtempSync(join(tmpdir(), "firstfix-bundle-"));
  const repository = new TestRepository();
  const bus = createMemoryBus();
  const store = await openStore({ path: join(folder, "data") });
  const config = parseConfig({ correlator: { pollMs: 50, settleMs: 100, goodExposureSpansMin: 2 }, repositories: [{ url: URL, path: repository.path }] }, folder);
  const correlator = startCorrelator({ config, bus, store, log: createLogger("correlator", "silent") });
  try {
    const good = repository.commit("Open the shop", { "src/cart.ts": CART, "src/main.ts": MAIN, "README.md": "# Shop\n" });
    const guilty = repository.commit("Trust coupons", { "src/cart.ts": FAULTY });
    const bad = repository.commit("Explain the shop", { "README.md": "# Shop\n\nSells.\n" });
    await build({ root: repository.path, logLevel: "error", configFile: false, build: { outDir: join(folder, "dist"), sourcemap: true, minify: true, target: "esnext", ssr: "src/main.ts", rollupOptions: { output: { entryFileNames: "main.mjs" } } } });
    const { stderr } = await promisify(execFile)(process.execPath, [join(folder, "dist/main.mjs"), "NONE"]).catch((error: { readonly stderr: string }) => error);
    const stack = stderr.split("\n").filter((line) => line.startsWith("    at ")).map((line) => line.slice(7));
    expect(stack[0]).toContain("dist/main.mjs");

    const map = withoutContents(readFileSync(join(folder, "dist/main.mjs.map"), "utf8"));
    await insertRows(store.background, "source_maps", [{ service: "shop", revision: bad, file: "dist/main.mjs", debug_id: "", bytes: map.length, at: new Date(), map, version: 1n }]);
    const at = { service: "shop", environment: "production", repository: URL };
    await sendSpans(store, { ...at, revision: good }, [{ name: "POST /" }, { name: "POST /" }, { name: "POST /" }]);
    await correlator.idle();
    await sendSpans(store, { ...at, revision: bad }, [{ name: "POST /", failed: true, exception: { type: "TypeError", message: "Cannot read properties of undefined (reading 'percent')", stack } }]);
    await correlator.idle();

    const [incident] = [...fold(EMPTY_STATE, journalEvents(await store.journal.read())).incidents.values()];
    expect(incident?.findings[0]?.error?.frames.slice(0, 2)).toMatchObject([{ path: "src/cart.ts", line: 6, function: "discountOf", inApp: true }, { path: "src/main.ts", line: 4, inApp: true }]);
    expect(incident?.ranking?.suspects[0]?.commit).toBe(guilty);
    expect(await select(store.interactive, "SELECT file, line FROM errors FINAL")).toEqual([{ file: "src/cart.ts", line: 6 }]);
  } finally {
    await correlator.close();
    await bus.close();
    await store.close();
    repository.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
