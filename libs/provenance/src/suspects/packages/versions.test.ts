import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bumpsBetween, isLockFile, isVersionFile, isVersionRow, locksOf, readVersions, staysInstalled, type Versions } from "./versions.ts";

const between = (path: string, before: string, after: string): string[] => bumpsBetween(path, readVersions(path, before) as Versions, readVersions(path, after) as Versions).map(({ name, ecosystem, folder }) => `${ecosystem} ${name}${folder === undefined || folder === name ? "" : ` in ${folder}`}`);
const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** A file that names `moved` in a version of `v`, `kept` in one that stays, and the repository's own in one of `own`. */
const FORMS: readonly (readonly [path: string, wanted: readonly string[], text: (v: string, own: string) => string])[] = [
  ["package.json", ["npm @scope/moved", "npm deep"], (v, own) => json({ name: "shop", version: own, dependencies: { "@scope/moved": `^${v}`, kept: "^1.0.0" }, peerDependencies: { peer: `^${own}` }, pnpm: { overrides: { "kept>deep": v } } })],
  ["package-lock.json", ["npm @scope/moved in kept/node_modules/@scope/moved"], (v, own) => json({ name: "shop", version: own, packages: { "": { name: "shop", version: own }, "node_modules/kept": { version: "1.0.0" }, "node_modules/kept/node_modules/@scope/moved": { version: v }, "node_modules/@acme/core": { resolved: "packages/core", link: true, version: own }, "packages/core": { name: "@acme/core", version: own } } })],
  ["npm-shrinkwrap.json", ["npm moved", "npm moved in kept/node_modules/moved"], (v, own) => json({ name: "shop", version: own, lockfileVersion: 1, dependencies: { kept: { version: "1.0.0", dependencies: { moved: { version: v } } }, moved: { version: v } } })],
  ["yarn.lock", ["npm @scope/moved"], (v) => `# yarn lockfile v1\n\n\n"@scope/moved@^1", "@scope/moved@~1.2":\n  version "${v}"\n  dependencies:\n    version "9"\n\nkept@^1:\n  version "1.0.0"\n`],
  ["web/yarn.lock", ["npm moved"], (v, own) => `__metadata:\n  version: 8\n\n"moved@npm:^1, moved@npm:^1.2":\n  version: ${v}\n  resolution: "moved@npm:${v}"\n\n"shop@workspace:.":\n  version: ${own}\n  resolution: "shop@workspace:."\n`],
  ["pnpm-lock.yaml", ["npm @scope/moved"], (v, own) => `lockfileVersion: '9.0'\n\npackages:\n\n  '@scope/moved@${v}':\n    resolution: {integrity: a}\n\n  kept@1.0.0:\n    resolution: {integrity: b}\n\nsnapshots:\n\n  kept@1.0.0(peer@${own}):\n    dependencies: {}\n`],
  ["old/pnpm-lock.yaml", ["npm moved"], (v, own) => `lockfileVersion: 5.4\n\npackages:\n\n  /moved/${v}_react@18.0.0:\n    dev: false\n\n  /kept/1.0.0_peer@${own}:\n    dev: false\n`],
  ["bun.lock", ["npm moved"], (v, own) => `{\n  "packages": {\n    "moved": ["moved@${v}", "", {}, "sha512-a"],\n    "@acme/core": ["@acme/core@workspace:${own}"],\n    "kept": ["kept@1.0.0", "", {}, "sha512-c"],\n  }\n}\n`],
  ["requirements-prod.txt", ["pypi Moved", "pypi by.address"], (v) => `# all\n-r base.txt\nMoved[socks, extra] >= ${v},<9 ; python_version > "3" --hash=sha256:a\nby.address @ git+https://git.example/x@${v}\nkept==1.0 \\\n    --hash=sha256:${v}\n`],
  ["pyproject.toml", ["pypi moved", "pypi other", "pypi dev", "pypi django", "pypi table"], (v, own) => `[project]\nname = "shop"\nversion = "${own}"\nrequires-python = ">=3.${v}"\ndependencies = ["moved (>=${v},<3)", 'kept>=1', "other==${v}"]\n[dependency-groups]\ntest = ["dev~=${v}"]\n[tool.poetry.dependencies]\npython = "^3.${v}"\ndjango = "^${v}"\nlocal = { path = "../local", version = "${v}" }\n[tool.poetry.group.main.dependencies.table]\nversion = "${v}"\n[tool.ruff]\nline-length = 1${v.length}\n`],
  ["Pipfile", ["pypi moved"], (v) => `[packages]\nmoved = "==${v}"\nkept = "*"\n[requires]\npython_version = "3.${v}"\n`],
  ["Pipfile.lock", ["pypi moved"], (v) => json({ _meta: { hash: v }, default: { moved: { hashes: [v], version: `==${v}` }, kept: { version: "==1" } }, develop: {} })],
  ["uv.lock", ["pypi moved"], (v, own) => `version = 1\n\n[[package]]\nname = "shop"\nversion = "${own}"\nsource = { editable = "." }\n\n[[package]]\nname = "moved"\nversion = "${v}"\nsource = { registry = "https://index.example" }\n`],
  ["poetry.lock", ["pypi moved"], (v, own) => `[[package]]\nname = "local"\nversion = "${own}"\n\n[package.source]\ntype = "directory"\nurl = "../local"\n\n[[package]]\nname = "moved"\nversion = "${v}"\n\n[metadata]\ncontent-hash = "${v}"\n`],
  ["Cargo.toml", ["cargo renamed", "cargo moved", "cargo for-linux"], (v, own) => `[package]\nname = "shop"\nversion = "${own}"\n[dependencies]\nalias = { package = "renamed", version = "${v}" }\nkept = "1"\ncore = { path = "../core", version = "${own}" }\n[dependencies.moved]\nversion = "${v}"\n[target.'cfg(unix)'.dependencies]\nfor-linux = "${v}"\n`],
  ["Cargo.lock", ["cargo moved", "cargo of_git", "cargo repo"], (v, own) => `version = 4\n\n[[package]]\nname = "a-shop"\nversion = "${own}"\n\n[[package]]\nname = "moved"\nversion = "${v}"\nsource = "registry+https://index.example"\n\n[[package]]\nname = "of_git"\nversion = "0.1.0"\nsource = "git+https://git.example/x/repo.git?branch=main#abc${v}"\n`],
  ["go.mod", ["go github.com/x/moved/v2", "go github.com/x/replaced", "go github.com/fork/replaced"], (v, own) => `module example.com/shop\n\ngo 1.2${own.length}\n\nrequire (\n\tgithub.com/x/moved/v2 v2.${v}\n\tgithub.com/x/kept v1.0.0${own === "1.0.0" ? " // indirect" : ""}\n\tgithub.com/x/replaced v1.0.0\n)\n\nreplace github.com/x/replaced => github.com/fork/replaced v1.${v}\n`],
  ["Gemfile", ["gem moved", "gem of-git"], (v) => `gem 'moved' , '~> ${v}' # of ${v}\ngem "kept", "1"\ngem("of-git", git: "https://git.example/x", ref: "a${v}")\n`],
  ["Gemfile.lock", ["gem moved"], (v, own) => `PATH\n  remote: engines/pay\n  specs:\n    pay (${own})\n\nGEM\n  remote: https://gems.example/\n  specs:\n    moved (${v})\n      kept (= ${v})\n    kept (1.0.0)\n${own === "1.0.0" ? "" : "    kept (1.0.0-x86_64-linux)\n"}\nDEPENDENCIES\n  moved (= ${v})\n\nBUNDLED WITH\n   ${v}\n`],
  ["pom.xml", ["maven org.moved:moved-core", "maven org.plain:plain", "maven :else-where"], (v, own) => `<?xml version="1.0"?>\n<project>\n<groupId>com.acme</groupId><artifactId>shop</artifactId><version>${own}</version>\n<parent><groupId>com.acme</groupId><artifactId>shop-parent</artifactId><version>${own}</version></parent>\n<properties><java.version>${v}</java.version><moved.version>${v}</moved.version><else-where.version>${v}</else-where.version><client.version>${v}</client.version><retries>${v}</retries></properties>\n<dependencies>\n<dependency><groupId>org.moved</groupId><artifactId>moved-core</artifactId><version>\${moved.version}</version></dependency>\n<dependency><groupId>org.plain</groupId><artifactId>plain</artifactId><scope>runtime</scope><exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions><version>\n${v}\n</version></dependency>\n<dependency><groupId>com.acme</groupId><artifactId>shop-api</artifactId><version>${own}</version></dependency>\n</dependencies>\n</project>\n`],
  ["app/build.gradle.kts", ["maven org.moved:moved", "maven org.by:variable"], (v, own) => `version = "${own}"\nval byVersion = "${v}"\ndependencies {\n  implementation("org.moved:moved:${v}")\n  implementation("org.by:variable:$byVersion")\n  implementation("org.kept:kept:1.0")\n}\n`],
  ["build.gradle", ["maven org.by:name"], (v, own) => `version = '${own}'\ndependencies {\n  implementation group: 'org.by', name: 'name', version: '${v}'\n}\n`],
  ["gradle/libs.versions.toml", ["maven org.moved:moved", "maven org.inline:inline", "maven org.by:name"], (v, own) => `[versions]\nmoved = "${v}"\nshop = "${own}"\n[libraries]\nmoved = { module = "org.moved:moved", version.ref = "moved" }\ninline = "org.inline:inline:${v}"\nby = { group = "org.by", name = "name", version = "${v}" }\nkept = { module = "org.kept:kept", version = "1.0" }\n`],
  ["gradle.properties", ["maven :netty", "maven :moved"], (v, own) => `nettyVersion=${v}\nversion.moved=${v}\nversion=${own}\ncoreVersion=${own}\nretries=${v.length}\n`],
  ["gradle.lockfile", ["maven org.moved:moved"], (v, own) => `# managed\norg.moved:moved:${v}=runtimeClasspath\norg.kept:kept:1.0=${own === "1.0.0" ? "compileClasspath," : ""}runtimeClasspath\nempty=\n`],
  ["Shop/Shop.csproj", ["nuget Moved", "nuget Child", "nuget First"], (v, own) => `<Project Sdk="x">\n<PropertyGroup><Version>${own}</Version></PropertyGroup>\n<ItemGroup>\n<PackageReference Include="Moved"\n    Version="${v}" />\n<PackageReference Include="Child"><Version>${v}</Version></PackageReference>\n<PackageReference Version="${v}" Include="First" />\n<PackageReference Include="Kept" Version="1"${own === "1.0.0" ? "" : ' PrivateAssets="all"'} />\n</ItemGroup>\n</Project>\n`],
  ["packages.lock.json", ["nuget Moved"], (v, own) => json({ version: 1, dependencies: { "net8.0": { Moved: { type: "Direct", requested: "[1, )", resolved: v }, Kept: { resolved: "1.0" }, core: { type: "Project", dependencies: { x: own } } } } })],
  ["composer.json", ["composer v/moved"], (v, own) => json({ name: "acme/shop", version: own, require: { php: `^${v}`, "ext-json": "*", "v/moved": `^${v}`, "v/kept": "1" } })],
  ["requirements/base.in", ["pypi Django"], (v) => `Django==${v}\nkept==1\n`],
  ["constraints.txt", ["pypi moved"], (v) => `moved==${v}\n`],
  ["dev-requirements.txt", ["pypi moved"], (v) => `moved==${v}\n`],
  ["git/package-lock.json", ["npm moved"], (v) => json({ packages: { "node_modules/kept": { version: "1.0.0", resolved: `https://mirror.example/${v}/kept-1.0.0.tgz` }, "node_modules/moved": { version: "1.0.0", resolved: `git+ssh://git@git.example/x/moved.git#abcdef${v.replaceAll(".", "")}` } } })],
  ["git/yarn.lock", ["npm moved"], (v) => `"moved@git+https://git.example/x/moved.git":\n  version "1.0.0"\n  resolved "git+https://git.example/x/moved.git#abcdef${v.replaceAll(".", "")}"\n\nkept@^1:\n  version "1.0.0"\n  resolved "https://mirror.example/${v}/kept-1.0.0.tgz#abcdef0"\n`],
  ["berry/yarn.lock", ["npm moved", "npm of-git"], (v) => `__metadata:\n  version: 8\n\n? "moved@npm:^1.0.0, moved@npm:^1.0.1"\n:\n  version: ${v}\n  resolution: "moved@npm:${v}"\n\n"of-git@https://git.example/x/of-git.git":\n  version: 1.0.0\n  resolution: "of-git@https://git.example/x/of-git.git#commit=abcdef${v.replaceAll(".", "")}"\n`],
  ["git/pnpm-lock.yaml", ["npm moved", "npm before-nine"], (v) => `packages:\n\n  kept@1.0.0:\n    name: no\n\n  moved@https://git.example/x/moved/tar.gz/abcdef${v.replaceAll(".", "")}:\n    version: 1.0.0\n\n  git.example/x/other/abcdef${v.replaceAll(".", "")}:\n    resolution: {tarball: a}\n    name: before-nine\n`],
  ["git/uv.lock", ["pypi moved", "pypi of-git"], (v) => `[[package]]\nname = "moved"\nversion = "5.1.dev0"\nsource = { git = "https://git.example/x/of-git?branch=main#abc${v}" }\n\n[[package]]\nname = "kept"\nversion = "1"\nsource = { registry = "https://index.example/${v}" }\n`],
  ["blocks/go.mod", ["go github.com/x/moved"], (v, own) => `module example.com/shop\n\ngo 1.22\n\nexclude (\n\tgithub.com/x/moved v1.0.5\n\tgithub.com/x/kept v1.${own}\n)\n\nrequire github.com/x/moved v1.${v}\n\nrequire (\n\tgithub.com/x/kept v1.0.0\n)\n\nretract v0.${v}\n`],
  ["rows/Gemfile", ["gem moved"], (v) => `gem "moved",\n    "~> ${v}",\n    require: false\ngem "kept", "1"\n`],
  ["boot/pom.xml", ["maven org.springframework.boot:spring-boot-starter-parent", "maven org.by:chain"], (v, own) => `<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>${v}</version></parent><artifactId>shop</artifactId><version>${own}</version><properties><a>\${b}</a><b>\${c}</b><c>${v}</c><round>\${round}</round></properties><dependencies><dependency><groupId>org.by</groupId><artifactId>chain</artifactId><version>\${a}</version></dependency><dependency><groupId>org.round</groupId><artifactId>round</artifactId><version>\${round}</version></dependency></dependencies></project>`],
  ["maps/build.gradle", ["maven org.by:map", "maven org.by:set", "maven org.springframework.boot:org.springframework.boot.gradle.plugin"], (v) => `plugins { id 'org.springframework.boot' version '${v}' }\next.versions = [map: '${v}']\next { set('byCall', "${v}") }\n// was: implementation 'org.commented:out:${v}'\n/* implementation 'org.commented:block:${v}'\n   implementation 'org.commented:rows:${v}' */\ndependencies {\n  implementation "org.by:map:\${versions.map}" // of ${v}\n  implementation "org.by:set:\${byCall}"\n}\n`],
  ["props/Directory.Packages.props", ["nuget Npgsql", "nuget :Elsewhere"], (v, own) => `<Project><PropertyGroup><Version>${own}</Version><NpgsqlVersion>${v}</NpgsqlVersion><ElsewhereVersion>${v}</ElsewhereVersion></PropertyGroup><ItemGroup><PackageVersion Include="Npgsql" Version="$(NpgsqlVersion)" /></ItemGroup></Project>`],
  ["packages.config", ["nuget Moved"], (v) => `<packages><package id="Moved" version="${v}" targetFramework="net48" /><package id="Kept" version="1" /></packages>`],
  ["composer.lock", ["composer v/moved", "composer v/branch"], (v) => json({ packages: [{ name: "v/kept", version: "1.0", source: { reference: v } }, { name: "v/moved", version: v }, { name: "v/branch", version: "dev-main", source: { reference: v } }], "packages-dev": [] })],
];

describe("packages that get another version", () => {
  it.each(FORMS)("are read of %s, where the repository's own is none", (path, wanted, form) => {
    expect(between(path, form("1.2.3", "1.0.0"), form("1.3.0", "1.0.1")).toSorted()).toEqual(wanted.toSorted());
    expect(between(path, form("1.2.3", "1.0.0"), form("1.2.3", "1.0.1"))).toEqual([]);
    expect(isVersionFile(path)).toBe(true);
  });

  it("are none where only the order, the form or what is around changes", () => {
    expect(between("package.json", json({ dependencies: { a: "1", b: "2" } }), JSON.stringify({ dependencies: { b: "2", a: "1" } }))).toEqual([]);
    expect(between("yarn.lock", '"a@^1":\n  version "1.0.0"\n', '__metadata:\n  version: 8\n\n"a@npm:^1":\n  version: 1.0.0\n')).toEqual([]);
    expect(between("pnpm-lock.yaml", "packages:\n\n  /a@1.0.0:\n    dev: false\n", "packages:\n\n  a@1.0.0:\n    dev: false\n")).toEqual([]);
  });

  it("are none where a name is only written otherwise", () => {
    for (const [path, before, after] of [["requirements.txt", "Django==4.2\ntyping_extensions==4\n", "django==4.2\ntyping-extensions==4\n"], ["a.csproj", '<P><PackageReference Include="npgsql" Version="7"/></P>', '<P><PackageReference Include="Npgsql" Version="7"/></P>'], ["Cargo.toml", '[dependencies]\nserde_json = "1"\n', '[dependencies]\nserde-json = "1"\n']] as const) expect(between(path, before, after), path).toEqual([]);
  });

  it("a lock file overrules what is asked for, where it names the package", () => {
    expect(locksOf("apps/web/package.json").map((some) => some[0])).toEqual(["apps/web/package-lock.json", "apps/package-lock.json", "package-lock.json"]);
    expect([locksOf("api/Gemfile"), locksOf("requirements/base.in"), locksOf("requirements.txt"), locksOf("yarn.lock"), locksOf("src/a.js")]).toEqual([[["api/Gemfile.lock"]], [["requirements/base.txt"]], [], [], []]);
    const lock = (pad: string, other: string): Versions => readVersions("package-lock.json", json({ packages: { "node_modules/pad": { version: pad }, "node_modules/other": { version: other } } })) as Versions;
    const stays = (name: string, before: Versions, after: Versions): boolean => staysInstalled({ ecosystem: "npm", name }, before, after);
    expect([stays("pad", lock("1", "1"), lock("1", "2")), stays("pad", lock("1", "1"), lock("2", "1")), stays("missing", lock("1", "1"), lock("1", "1"))]).toEqual([true, false, false]);
  });

  it("are also those that come and go, and none of a file that cannot be read", () => {
    expect(between("package.json", json({ dependencies: { a: "1", b: "1" } }), json({ dependencies: { b: "1", c: "1" } }))).toEqual(["npm a", "npm c"]);
    expect(between("package.json", "{", json({ dependencies: { b: "1", c: "1" } }))).toEqual([]);
    expect(between("package.json", json({ name: "shop" }), json({ name: "shop", dependencies: { b: "1" } }))).toEqual(["npm b"]);
    expect(between("package-lock.json", json({ packages: {} }), json({ packages: { "node_modules/b": { version: "1" } } }))).toEqual([]);
  });

  it("are told from other rows of the same file", () => {
    expect([isVersionRow('    "qs": "^6",'), isVersionRow("<version>1.2.3</version>"), isVersionRow('    "retries": 3'), isVersionRow('    "port": "3000"')]).toEqual([true, true, false, false]);
    expect([isVersionFile("package.json"), isVersionFile("src/a.js"), isVersionFile("requirements/notes.md")]).toEqual([true, false, false]);
    expect([isLockFile("web/yarn.lock"), isLockFile("package.json"), isLockFile("diff --git a/x b/package-lock.json")]).toEqual([true, false, true]);
  });

  it("of hostile files are bounded, never throw, and are read in a time that grows with their length only", () => {
    const piece = fc.constantFrom('"', "node_modules/", "@a/", "name = ", " {", '": {', "a", ".", "@1", "v1", "    ", "==", "[a,", "<dependency>", "<artifactId>", "<PackageReference ", 'Include="', ' = "1', '{ version = "', "a:b:1", "\n", "\n[[package]]\n", "$a", "${", "require (", "gem '", "=>", "\u0000", "&x;", "<!DOCTYPE a [");
    fc.assert(fc.property(fc.constantFrom(...FORMS), fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 20_000 }), ([path, , form], pieces, times) => {
      const noise = pieces.join("").repeat(times).slice(0, 200_000);
      const began = performance.now();
      for (const content of [noise, form("1", "1") + noise, noise + form("1", "1")]) expect(readVersions(path, content)).not.toBeNull();
      expect(performance.now() - began).toBeLessThan(1_000);
    }), { numRuns: 200 });
    const many = (v: string): string => json({ dependencies: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`a${at}`, v])) });
    expect(between("package.json", many("1"), many("2"))).toHaveLength(20_000);
    for (const ref of ["constructor", "__proto__", "toString"]) expect(readVersions("libs.versions.toml", `[libraries]\na = { module = "a:b", version.ref = "${ref}" }\n`)?.byKey.size).toBe(1);
    // One package in as many versions as there are rows.
    const began = performance.now();
    expect(readVersions("gradle.lockfile", Array.from({ length: 100_000 }, (_, at) => `a:b:${at}=x`).join("\n"))?.byKey.size).toBe(1);
    const grown = Array.from({ length: 300 }, (_, at) => `<p${at}>${`\${p${at + 1}}`.repeat(100)}</p${at}>`).join("");
    expect(readVersions("pom.xml", `<project><properties>${grown}</properties><dependency><groupId>a</groupId><artifactId>b</artifactId><version>\${p0}</version></dependency></project>`)?.byKey.size).toBe(1);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(readVersions("pom.xml", "<a>".repeat(200_000))?.byKey.size).toBe(0);
    expect(readVersions("package-lock.json", `${'{"dependencies":{"a":'.repeat(50_000)}{}${"}}".repeat(50_000)}`)?.ecosystem).toBe("npm");
  });
});
