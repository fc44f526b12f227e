import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FilePatch } from "../../git/patch.ts";
import { bumpsOf } from "./versions.ts";

const patch = (path: string, ...lines: readonly string[]): FilePatch => ({ pathBefore: path, path, hunks: [{ oldStart: 1, oldCount: 1, newStart: 1, newCount: 1, lines }] });

describe("packages that get another version", () => {
  it.each([
    ["package-lock.json", [' {', '   "packages": {', '     "": {', '-      "version": "1.0.0",', '     "node_modules/@scope/pad": {', '-      "version": "1.0.0",', '+      "version": "2.0.0",', '       "engines": {', '+        "node": ">=20"', '     "node_modules/a/node_modules/kept": {', '       "version": "3.0.0"'], ["npm @scope/pad"]],
    ["package.json", [' {', '   "name": "shop",', '-  "version": "1.0.0",', '+  "version": "1.0.1",', '   "dependencies": {', '-    "pad": "^1.0.0",', '+    "pad": "^2.0.0",', '     "kept": "^3.0.0"'], ["npm pad"]],
    ["yarn.lock", [' "@scope/pad@^1.0.0":', '-  version "1.0.0"', '+  version "1.1.0"', ' kept@^3.0.0:', '   version "3.0.0"'], ["npm @scope/pad"]],
    ["pnpm-lock.yaml", [" packages:", "-  pad@1.0.0:", "+  pad@2.0.0:", "   kept@3.0.0:"], ["npm pad"]],
    ["poetry.lock", [' [[package]]', ' name = "requests"', '-version = "2.0.0"', '+version = "3.0.0"', ' name = "kept"', ' version = "1.0"'], ["pypi requests"]],
    ["services/tax/requirements.txt", ["-requests[socks]==2.0.0", "+requests[socks]==3.0.0", " kept==1.0"], ["pypi requests"]],
    ["go.mod", [" require (", "-\tgithub.com/jackc/pgx/v5 v5.1.0", "+\tgithub.com/jackc/pgx/v5 v5.2.0", " \tgithub.com/kept/kept v1.0.0"], ["go github.com/jackc/pgx/v5"]],
    ["Gemfile.lock", ["-    rack (2.0.0)", "+    rack (3.0.0)", "     kept (1.0.0)"], ["gem rack"]],
    ["bun.lock", ['-    "pad": ["pad@1.0.0", "", {}, "sha512-a"],', '+    "pad": ["pad@2.0.0", "", {}, "sha512-b"],', '     "kept": ["kept@1.0.0", "", {}, "sha512-c"],'], ["npm pad"]],
    ["Pipfile.lock", ['         "requests": {', '             "hashes": [],', '-            "version": "==2.0.0"', '+            "version": "==3.0.0"'], ["pypi requests"]],
    ["uv.lock", [' name = "requests"', '-version = "2.0.0"', '+version = "3.0.0"', ' source = { registry = "pypi" }', ' name = "shop"', '-version = "1"', '+version = "2"', ' source = { editable = "." }'], ["pypi requests"]],
    ["pyproject.toml", [' [project]', '-version = "1.0.0"', '+version = "1.1.0"', ' dependencies = [', '-  "requests[socks]>=2.0",', '+  "requests[socks]>=3.0",', ' [tool.poetry.dependencies]', '-django = "^4.2"', '+django = "^5.0"'], ["pypi requests", "pypi django"]],
    ["Cargo.lock", [' name = "serde_json"', '-version = "1.0.1"', '+version = "1.0.2"', ' source = "registry"', ' name = "shop"', '-version = "0.1.0"', '+version = "0.2.0"', ' dependencies = ['], ["cargo serde_json"]],
    ["Cargo.toml", ['-version = "0.1.0"', '+version = "0.2.0"', ' edition = "2021"', '-serde = { version = "1.0", features = ["derive"] }', '+serde = { version = "1.1", features = ["derive"] }', '-rand = "0.8"', '+rand = "0.9"'], ["cargo serde", "cargo rand"]],
    ["Gemfile", ['-gem "rack", "~> 2.0"', '+gem "rack", "~> 3.0"', ' gem "kept", "1.0"'], ["gem rack"]],
    ["pom.xml", ['   <artifactId>shop</artifactId>', '-  <version>1.0.0</version>', '+  <version>1.1.0</version>', '     <dependency>', '       <groupId>org.postgresql</groupId>', '       <artifactId>postgresql</artifactId>', '-      <version>42.5.0</version>', '+      <version>42.6.0</version>', '     </dependency>'], ["maven org.postgresql:postgresql"]],
    ["pom.xml", ['     <java.version>21</java.version>', '-    <jackson.version>2.15.0</jackson.version>', '+    <jackson.version>2.16.0</jackson.version>', '-    <java.version>17</java.version>', '+    <java.version>21</java.version>'], ["maven :jackson"]],
    ["shop/build.gradle.kts", ['-  implementation("com.squareup.okhttp3:okhttp:4.11.0")', '+  implementation("com.squareup.okhttp3:okhttp:4.12.0")', '-version = "1.0"', '+version = "1.1"'], ["maven com.squareup.okhttp3:okhttp"]],
    ["gradle/libs.versions.toml", ['-jackson = "2.15.0"', '+jackson = "2.16.0"', '-gson = { module = "com.google.code.gson:gson", version = "2.9.0" }', '+gson = { module = "com.google.code.gson:gson", version = "2.10.0" }'], ["maven com.google.code.gson:gson", "maven :jackson"]],
    ["gradle.properties", ['-nettyVersion=4.1.0', '+nettyVersion=4.1.1', '-version=1.0', '+version=1.1', '-retries=3', '+retries=4'], ["maven :netty"]],
    ["Shop/Shop.csproj", ['-    <PackageReference Include="Newtonsoft.Json" Version="12.0.1" />', '+    <PackageReference Include="Newtonsoft.Json" Version="13.0.1" />', '-    <Version>1.0</Version>', '+    <Version>1.1</Version>'], ["nuget Newtonsoft.Json"]],
    ["packages.lock.json", ['       "Npgsql": {', '         "type": "Direct",', '-        "resolved": "7.0.0",', '+        "resolved": "8.0.0",'], ["nuget Npgsql"]],
    ["composer.json", ['-        "guzzlehttp/guzzle": "^6.0",', '+        "guzzlehttp/guzzle": "^7.0",'], ["composer guzzlehttp/guzzle"]],
    ["composer.lock", ['             "name": "guzzlehttp/guzzle",', '-            "version": "6.5.0",', '+            "version": "7.0.0",'], ["composer guzzlehttp/guzzle"]],
    ["src/version.js", ['-    "pad": "^1.0.0",', '+    "pad": "^2.0.0",'], []],
  ])("%s", (path, lines, names) => {
    expect(bumpsOf([patch(path, ...lines)]).map(({ name, path: file, ecosystem }) => [file, `${ecosystem} ${name}`])).toEqual(names.map((name) => [path, name]));
  });

  it("of hostile files are bounded, and read in a time that grows with their length only", () => {
    const piece = fc.constantFrom('"', "node_modules/", "@a/", "name = ", " {", '": {', "+", "-", "a", ".", "@1", "v1", "    ", "==", "[a,", "<dependency>", "<artifactId>", "<PackageReference ", "Include=\"", " = \"1", "{ version = \"", "a:b:1");
    fc.assert(fc.property(fc.constantFrom("package-lock.json", "package.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "requirements.txt", "go.mod", "Gemfile.lock", "pyproject.toml", "Cargo.toml", "Gemfile", "pom.xml", "build.gradle", "a.versions.toml", "gradle.properties", "a.csproj", "composer.json"), fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 20_000 }), (path, pieces, times) => {
      const began = performance.now();
      const rows = [`+${pieces.join("").repeat(times).slice(0, 200_000)}`, ...Array.from({ length: 500 }, (_, at) => `+    "a${at}": "^${at}.0.0"`)];
      expect(bumpsOf([patch(path, ...rows)]).length).toBeLessThanOrEqual(200);
      expect(performance.now() - began).toBeLessThan(1_000);
    }), { numRuns: 100 });
  });
});
