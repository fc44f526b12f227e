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

/** yarn.lock: the ranges asked for, and below them the version. Berry has the repository's own there too. */
export const yarnLock: Reader = (source) => {
  const entries: Entry[] = [];
  const own: string[] = [];
  const header = new RegExp(String.raw`^"?(${NAME})@(.*):$`);
  let name = "";
  for (const row of rows(source)) {
    const found = header.exec(row);
    if (found !== null) {
      name = found[1] ?? "";
      if ((found[2] ?? "").startsWith("workspace:")) own.push(name);
    } else if (/^\S/.test(row)) name = "";
    const version = /^ {2}version:? "?([^"]{1,200})"?$/.exec(row)?.[1];
    if (version !== undefined && name !== "") entries.push({ name, version });
  }
  return { entries: entries.filter((one) => !own.includes(one.name)), own };
};

/** pnpm-lock.yaml: keys of `packages` are `name@version`, before with a slash and peers behind. `snapshots` say the same again. */
export const pnpmLock: Reader = (source) => {
  const key = new RegExp(String.raw`^ {2}['"]?\/?(${NAME})[@/](\d[^():'"\s_]{0,200})`);
  let section = "";
  return only(rows(source).flatMap((row) => {
    section = /^(\w+):/.exec(row)?.[1] ?? section;
    const found = section === "packages" ? key.exec(row) : null;
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

/** go.mod: what is required, and by what it is replaced. */
export const goMod: Reader = (source) => {
  const entries = new Map<string, string>();
  for (const row of rows(source)) {
    const line = row.replace(/\/\/.*$/, "").trim();
    const replaced = /^(?:replace\s+)?(\S{1,300})(?:\s+v\S{1,100})?\s+=>\s+(\S.{0,300})$/.exec(line);
    const required = /^(?:require\s+)?([\w.-]{1,100}(?:\/[\w.~-]{1,100}){0,8})\s+(v\d\S{0,100})$/.exec(line);
    if (replaced !== null) {
      entries.set(replaced[1] ?? "", replaced[2] ?? "");
      // Its code runs under the name of what stands in for it.
      const [instead = "", version = ""] = (replaced[2] ?? "").split(/\s+/);
      if (version !== "") entries.set(instead, version);
    }
    if (replaced === null && required !== null && !entries.has(required[1] ?? "")) entries.set(required[1] ?? "", required[2] ?? "");
  }
  return { entries: [...entries].map(([name, version]) => ({ name, version })), own: rows(source).flatMap((row) => /^module\s+(\S{1,300})/.exec(row)?.[1] ?? []) };
};

/** Gemfile: `gem "name", "~> 1"`, also of git. */
export const gemfile: Reader = (source) => only(rows(source).flatMap((row) => {
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

const GRADLE_VARIABLE = /^[ \t]{0,40}(?:def |val |var |ext\.|extra\[")?(\w{0,100}[vV]ersion\w{0,50})(?:"\])?[ \t]{0,20}=[ \t]{0,20}["']([^"'$]{1,100})["']/;
const COORDINATES = /["']([\w.-]{1,200}):([\w.-]{1,200}):([^"':@]{1,100})["':@]/g;
const BY_NAME = /group ?[:=] ?["']([\w.-]{1,200})["'], {0,20}name ?[:=] ?["']([\w.-]{1,200})["'], {0,20}version ?[:=] ?["']([^"']{1,100})["']/g;

/** Build scripts of Gradle: coordinates in one text or by name, with variables of the same file in them. */
export const gradle: Reader = (source) => {
  const all = rows(source);
  const versions = new Map(all.flatMap((row) => {
    const found = GRADLE_VARIABLE.exec(row);
    return found === null ? [] : [[found[1] ?? "", found[2] ?? ""] as const];
  }));
  const resolved = (text: string): string => text.replaceAll(/\$\{?(?:project\.|ext\.|rootProject\.)?(\w{1,100})\}?/g, (whole, key: string) => versions.get(key) ?? whole);
  return only(all.flatMap((row) => [...row.matchAll(COORDINATES), ...row.matchAll(BY_NAME)].map(([, group, artifact, version]) => ({ name: `${group}:${artifact}`, version: resolved(version ?? "") }))));
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
