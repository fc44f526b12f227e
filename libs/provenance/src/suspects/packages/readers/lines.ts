import { stripCLike } from "../../code.ts";
import { gitCommit } from "./json.ts";
import type { Entry, Read, Reader } from "./read.ts";
import { requirement } from "./toml.ts";
import { propertyEntry } from "./xml.ts";

/** Formats of one package a line or block, for which no parser is worth its weight. */

const LINE_MAX = 2_000;
const NAME = String.raw`(?:@[\w.-]{1,100}\/)?[\w.-]{1,200}`;

function rows(source: string): string[] {
  return source.split("\n").map((row) => row.slice(0, LINE_MAX).trimEnd());
}

const only = (entries: readonly Entry[]): Read => ({ entries, own: [] });

/** requirements.txt; options and included files are no packages. A requirement may go on behind a backslash. */
export const requirements: Reader = (source) => only(rows(source).filter((row) => /^[A-Za-z\d]/.test(row)).flatMap((row) => requirement(row.replace(/\\$/, "").replace(/\s#.*$/, "").replace(/\s--hash.*$/, ""))));

/** yarn.lock: the ranges asked for, and below them the version. Berry has the repository's own there too, and writes long lists of ranges as `? "…"`. */
export const yarnLock: Reader = (source) => {
  const entries: { name: string; version: string }[] = [];
  const own = new Set<string>();
  const header = new RegExp(String.raw`^(?:\? )?"?(${NAME})@(workspace:)?`);
  let name = "";
  for (const row of rows(source)) {
    if (/^[^\s#:]/.test(row)) {
      const found = header.exec(row);
      name = found?.[1] ?? "";
      if (found?.[2] !== undefined) own.add(name);
    }
    if (name === "") continue;
    const version = /^ {2}version:? "?([^"]{1,200})"?$/.exec(row)?.[1];
    if (version !== undefined) entries.push({ name, version });
    const from = /^ {2}resol(?:ved|ution):? "?([^"]{1,1000})"?$/.exec(row)?.[1];
    const last = entries.at(-1);
    if (from !== undefined && last?.name === name) last.version += gitCommit(from);
  }
  return { entries: entries.filter((one) => !own.has(one.name)), own: [...own] };
};

/** pnpm-lock.yaml: keys of `packages` are `name@version`, before with a slash and peers behind; what comes from git, an address. `snapshots` say the same again. */
export const pnpmLock: Reader = (source) => {
  const key = new RegExp(String.raw`^ {2}['"]?\/?(${NAME})[@/](\d[^():'"\s_]{0,200})`);
  const fetched = new RegExp(String.raw`^ {2}['"]?(${NAME})@((?:https?:|git[+:@]|ssh:)[^'"\s(]{1,500}?)['"]?:$`);
  let section = "";
  let commit = "";
  return only(rows(source).flatMap((row) => {
    section = /^(\w+):/.exec(row)?.[1] ?? section;
    if (section !== "packages") return [];
    const found = fetched.exec(row) ?? key.exec(row);
    if (/^ {2}\S/.test(row)) commit = found === null ? (/^ {2}['"]?@?[\w.-]{1,100}\.\w{1,20}\/[^:'"]{1,300}\/([\da-f]{7,40})['"]?:$/.exec(row)?.[1] ?? "") : "";
    // Before version 9 the address stands alone, and the name below it.
    const below = commit === "" ? undefined : /^ {4}name: ['"]?([^'"\s]{1,200})['"]?$/.exec(row)?.[1];
    if (below !== undefined) return [{ name: below, version: commit }];
    return found === null ? [] : [{ name: found[1] ?? "", version: found[2] ?? "" }];
  }));
};

/** bun.lock: `"key": ["name@version", …]`. */
export const bunLock: Reader = (source) => {
  const entry = new RegExp(String.raw`^\s+"[^"]{1,300}": \["(${NAME})@([^"]{1,300})"`);
  return only(rows(source).flatMap((row) => {
    const found = entry.exec(row);
    return found === null || (found[2] ?? "").startsWith("workspace:") ? [] : [{ name: found[1] ?? "", version: found[2] ?? "" }];
  }));
};

/** go.mod: what is required, and by what it is replaced; `exclude`, `retract` and `tool` move nothing. */
export const goMod: Reader = (source) => {
  const entries = new Map<string, string>();
  const own: string[] = [];
  let block = "";
  for (const row of rows(source)) {
    const line = row.replace(/\/\/.*$/, "").trim();
    const opened = /^(\w{1,20})\s*\($/.exec(line)?.[1];
    if (opened !== undefined || line === ")") {
      block = opened ?? "";
      continue;
    }
    const [, directive = "", rest = ""] = block === "" ? (/^(\w{1,20})\s+(\S.{0,1000})$/.exec(line) ?? []) : [line, block, line];
    if (directive === "module") own.push(/^\S{1,300}/.exec(rest)?.[0] ?? "");
    const replaced = directive === "replace" ? /^(\S{1,300})(?:\s+v\S{1,100})?\s+=>\s+(\S.{0,300})$/.exec(rest) : null;
    const required = directive === "require" ? /^([\w.-]{1,100}(?:\/[\w.~-]{1,100}){0,8})\s+(v\d\S{0,100})$/.exec(rest) : null;
    if (replaced !== null) {
      entries.set(replaced[1] ?? "", replaced[2] ?? "");
      // Its code runs under the name of what stands in for it.
      const [instead = "", version = ""] = (replaced[2] ?? "").split(/\s+/);
      if (version !== "") entries.set(instead, version);
    }
    if (required !== null && !entries.has(required[1] ?? "")) entries.set(required[1] ?? "", required[2] ?? "");
  }
  return { entries: [...entries].map(([name, version]) => ({ name, version })), own: own.filter((one) => one !== "") };
};

/** Gemfile: `gem "name", "~> 1"`, also of git, and over several rows. */
export const gemfile: Reader = (source) => only(rows(source.replaceAll(/,[ \t]{0,40}\n[ \t]{0,40}/g, ", ")).flatMap((row) => {
  const found = /^\s*gem[ (]\s*["']([\w.-]{1,200})["']\s*(,[^#]{0,500})?/.exec(row);
  return found === null ? [] : [{ name: found[1] ?? "", version: [...(found[2] ?? "").matchAll(/["'][^"']{0,200}["']/g)].map(([one]) => one.slice(1, -1)).join(" ") }];
}));

/** Gemfile.lock: specs below GEM and GIT; what lies at a PATH is the repository's own. Platforms of one version are one. */
export const gemfileLock: Reader = (source) => {
  const entries: Entry[] = [];
  const own: string[] = [];
  let section = "";
  let revision = "";
  for (const row of rows(source)) {
    if (/^\S/.test(row)) [section, revision] = [row, ""];
    revision = /^ {2}revision: (\S{1,100})$/.exec(row)?.[1] ?? revision;
    const found = /^ {4}([\w.-]{1,200}) \((\d[^)]{0,100})\)$/.exec(row);
    if (found === null) continue;
    if (section === "PATH") own.push(found[1] ?? "");
    else if (section === "GEM" || section === "GIT") entries.push({ name: found[1] ?? "", version: `${(found[2] ?? "").replace(/-(?:x86|x64|aarch64|arm|java|jruby|universal|mingw|mswin).*$/, "")} ${revision}` });
  }
  return { entries, own };
};

/** `gsonVersion = "2"`, `gson: "2"` in a map, `set("gson", "2")`. Any name counts: only what coordinates refer to is looked up. */
const GRADLE_VARIABLE = /(?:\b([A-Za-z_]\w{0,100})(?:"\])?[ \t]{0,20}[:=][ \t]{0,20}|\bset\(["'](\w{1,100})["'], {0,10})["']([^"'$:]{1,100})["']/g;
const COORDINATES = /["']([\w.-]{1,200}):([\w.-]{1,200}):([^"':@]{1,100})["':@]/g;
const BY_NAME = /group ?[:=] ?["']([\w.-]{1,200})["'], {0,20}name ?[:=] ?["']([\w.-]{1,200})["'], {0,20}version ?[:=] ?["']([^"']{1,100})["']/g;
const PLUGIN = /\bid[ (]{0,5}["']([\w.-]{1,200})["'][) ]{1,5}version[ (]{0,5}["']([^"']{1,100})["']/g;

/** Build scripts of Gradle: coordinates in one text or by name, with variables of the same file in them, and plugins. */
export const gradle: Reader = (source) => {
  const all = stripCLike(rows(source));
  const versions = new Map(all.flatMap((row) => [...row.matchAll(GRADLE_VARIABLE)].map(([, name, set, version]) => [name ?? set ?? "", version ?? ""] as const)));
  // Of `versions.gson` the last part is the name.
  const resolved = (text: string): string => text.replaceAll(/\$\{?([\w.]{1,200})\}?/g, (whole, path: string) => versions.get(path.split(".").at(-1) ?? "") ?? whole);
  return only(all.flatMap((row) => [
    ...[...row.matchAll(COORDINATES), ...row.matchAll(BY_NAME)].map(([, group, artifact, version]) => ({ name: `${group}:${artifact}`, version: resolved(version ?? "") })),
    // Under these coordinates Gradle finds a plugin.
    ...[...row.matchAll(PLUGIN)].map(([, id, version]) => ({ name: `${id}:${id}.gradle.plugin`, version: resolved(version ?? "") })),
  ]));
};

export const gradleLock: Reader = (source) => only(rows(source).flatMap((row) => {
  const found = /^([\w.-]{1,200}:[\w.-]{1,200}):([^=]{1,100})=/.exec(row);
  return found === null ? [] : [{ name: found[1] ?? "", version: found[2] ?? "" }];
}));

/** gradle.properties: versions that build scripts refer to, known by their names alone. */
export const gradleProperties: Reader = (source) => only(rows(source).flatMap((row) => {
  const found = /^\s*([\w.-]{1,200})\s*[=:]\s*(\S{1,200})$/.exec(row);
  return found === null ? [] : propertyEntry(found[1] ?? "", found[2] ?? "");
}));
