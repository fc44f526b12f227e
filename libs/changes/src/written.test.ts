import { expect, it } from "vitest";
import { openRepository } from "@firstfix/provenance";
import { openRules } from "./rules.ts";
import { TestRepository } from "./testing/repository.ts";
import { isWritten } from "./written.ts";

it("knows generated, vendored, minified and lock files by their names", () => {
  for (const path of ["src/index.ts", "README.md", "distribution/a.js", "src/vendors.js", "lock.js", "a.mini.js", "min.js", "src/dist.ts", "packages/app/lockfile.md"]) expect([path, isWritten(path)]).toEqual([path, true]);
  for (const path of ["package-lock.json", "web/yarn.lock", "Cargo.lock", "go.sum", "dist/a.js", "web/dist/a/b.js", "vendor/x/y.go", "a/node_modules/b.js", "a.min.js", "web/A.min.css", "a.js.map", "api/shop.pb.go", "api/shop_pb2.py", "third_party/z.c"]) expect([path, isWritten(path)]).toEqual([path, false]);
});

it("lets .gitattributes have the last word, as git itself reads them", async () => {
  const git = new TestRepository();
  try {
    const id = git.commit("Rules", {
      ".gitattributes": 'api/** linguist-generated\napi/by-hand.ts -linguist-generated\n"odd name.ts" linguist-generated=true\nvendor/** linguist-vendored=false\n*.snap linguist-vendored\n',
      "web/.gitattributes": "schema.ts linguist-generated\n",
    });
    const rules = await openRules(await openRepository(git.path), id);
    const paths = ["api/a/b.ts", "api/by-hand.ts", "odd name.ts", "web/odd name.ts", "vendor/ours.js", "dist/a.js", "deep/x.snap", "web/schema.ts", "schema.ts", 'src/qu"o\nte.ts'];
    expect([...(await rules.written(paths))].sort()).toEqual(["api/by-hand.ts", "schema.ts", 'src/qu"o\nte.ts', "vendor/ours.js"].sort());
    await rules.close();
  } finally {
    git.dispose();
  }
});
