import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mapFrames } from "../stack/map.ts";
import { parseError } from "../stack/error.ts";
import type { StackFrame } from "../types.ts";
import { applySourceMaps, type FoundMap } from "./apply.ts";
import { mapAddressIn, readSourceMap } from "./read.ts";

// A real bundle of TypeScript, minified, thrown in real Node.
const SOURCES: Readonly<Record<string, string>> = {
  "src/cart.ts": `export interface Line { readonly price: number }

interface Coupon { readonly percent: number }
const coupons: Record<string, Coupon | undefined> = { SAVE10: { percent: 10 } };

export function applyCoupon(lines: readonly Line[], code: string): number {
  const coupon = coupons[code] as Coupon;
  const sum = lines.reduce((all, line) => all + line.price, 0);
  return sum - (sum * coupon.percent) / 100;
}
`,
  "src/checkout.ts": `import { applyCoupon, type Line } from "./cart.ts";

export async function checkout(lines: readonly Line[], code: string): Promise<string> {
  await Promise.resolve();
  const total = applyCoupon(lines, code);
  return \`to pay: \${total}\`;
}
`,
  "src/main.ts": `import { checkout } from "./checkout.ts";

async function handleOrder(code: string): Promise<void> {
  console.log(await checkout([{ price: 5 }], code));
}

await handleOrder(process.argv[2] ?? "SAVE10");
`,
};
// An awaited call is resumed at its `await`, where no token has the name: a minified one is left out then.
const EXPECTED = ["applyCoupon src/cart.ts:9", " src/checkout.ts:5", " src/main.ts:4", " src/main.ts:7"];

let folder: string;
let map: FoundMap;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "firstfix-bundle-")));
  for (const [path, text] of Object.entries(SOURCES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await build({ root: folder, logLevel: "error", configFile: false, build: { outDir: "dist", sourcemap: true, minify: true, target: "esnext", ssr: "src/main.ts", rollupOptions: { output: { entryFileNames: "main.js" } } } });
  map = { reader: readSourceMap(await readFile(join(folder, "dist/main.js.map"), "utf8")), generated: null };
}, 30_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function thrown(...options: readonly string[]): Promise<StackFrame[]> {
  const failed = await promisify(execFile)(process.execPath, [...options, join(folder, "dist/main.js"), "NONE"]).then(
    () => "",
    (error: { readonly stderr: string }) => error.stderr,
  );
  const { type, frames } = parseError(failed);
  expect(type).toBe("TypeError");
  return [...frames];
}
const own = (frames: readonly StackFrame[]): string[] => mapFrames(frames, { paths: Object.keys(SOURCES) }).filter((frame) => frame.path !== "").map((frame) => `${frame.function} ${frame.path}:${frame.line}`);

describe("a minified bundle thrown in real Node", () => {
  it("is mapped back to the lines and names of its sources", async () => {
    const frames = await thrown();
    expect(frames[0]?.file).toBe(join(folder, "dist/main.js"));
    expect(own(applySourceMaps(frames, () => map))).toEqual(EXPECTED);
    // With the place of the bundle in the repository the sources are exact paths.
    expect(applySourceMaps(frames, () => ({ ...map, generated: "dist/main.js" })).slice(0, 2).map((frame) => frame.file)).toEqual(["src/cart.ts", "src/checkout.ts"]);
    expect(mapAddressIn(await readFile(join(folder, "dist/main.js"), "utf8"))).toBe("main.js.map");
  });

  it("is left alone where Node has mapped it already, and where there is no map", async () => {
    const mapped = await thrown("--enable-source-maps");
    expect(own(mapped)).toEqual(own(applySourceMaps(mapped, () => map)));
    expect(own(mapped)).toContain("applyCoupon src/cart.ts:9");
    const frames = await thrown();
    expect(applySourceMaps(frames, () => null)).toEqual(frames);
  });
});
