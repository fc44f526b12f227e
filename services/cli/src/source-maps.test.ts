import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findMaps } from "./source-maps.ts";

const folder = mkdtempSync(join(tmpdir(), "firstfix-maps-"));
beforeAll(() => {
  for (const path of ["main.js", "main.js.map", "assets/a.mjs.map", "style.css.map", "types.d.ts.map", "node_modules/x/index.js.map"]) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = async (prefix: string, ...paths: string[]): Promise<string[]> => (await findMaps(paths.map((path) => join(folder, path)), prefix)).map((one) => one.file).sort();

it("finds maps of scripts, and names them as stacks will", async () => {
  expect(await names("", ".")).toEqual(["assets/a.mjs", "main.js"]);
  expect(await names("~/static/", ".")).toEqual(["/static/assets/a.mjs", "/static/main.js"]);
  expect(await names("https://cdn.example/static", "main.js.map")).toEqual(["/static/main.js"]);
  expect(await names("/app/dist/", "assets")).toEqual(["/app/dist/a.mjs"]);
  expect((await findMaps([folder], "")).map((one) => one.generated !== null)).toEqual([true, false]);
  await expect(findMaps([join(folder, "none")], "")).rejects.toMatchObject({ code: "not_found" });
});

it("refuses two maps of one name, of which one would take the other's place", async () => {
  for (const path of ["one/main.js.map", "two/main.js.map"]) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
  await expect(names("", "one", "two")).rejects.toMatchObject({ code: "bad_request", message: expect.stringMatching(/one\/main\.js\.map and .*two\/main\.js\.map would both be the map of main\.js$/) as string });
  // The same file twice is one file.
  expect(await names("", "one", "one/main.js.map")).toEqual(["main.js"]);
});
