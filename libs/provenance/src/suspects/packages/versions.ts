import { canonicalName, type Ecosystem } from "./ecosystems.ts";
import { composerJson, composerLock, nugetLock, packageJson, packageLock, pipfileLock } from "./readers/json.ts";
import { bunLock, gemfile, gemfileLock, goMod, gradle, gradleLock, gradleProperties, pnpmLock, requirements, yarnLock } from "./readers/lines.ts";
import type { Read, Reader } from "./readers/read.ts";
import { cargoLock, cargoToml, gradleCatalog, pipfile, pyproject, pythonLock } from "./readers/toml.ts";
import { msbuild, pom } from "./readers/xml.ts";

/** A package of which a commit changes the version, and the file that says so. */
export interface Bump {
  /** As its ecosystem writes it; of Maven `group:artifact`, or `:name` where only a property's name is known. */
  readonly name: string;
  readonly path: string;
  readonly ecosystem: Ecosystem;
  /** Of npm: the folder below node_modules, where the lock file says it. */
  readonly folder?: string;
  /** What the file says before and after, several versions a line each; "" where it does not name the package. */
  readonly from: string;
  readonly to: string;
}

interface Format {
  readonly ecosystem: Ecosystem;
  readonly path: RegExp;
  readonly read: Reader;
  /** Written by the package manager: nobody reads it but that. */
  readonly lock?: true;
  /** Names of files that say what of this one is installed; beside it, or in a folder above where a workspace has one lock file. */
  readonly locks?: readonly string[];
  readonly above?: true;
}

const NPM_LOCKS = ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"];

const FORMATS: readonly Format[] = [
  { ecosystem: "npm", path: /(?:^|\/)package\.json$/, read: packageJson, locks: NPM_LOCKS, above: true },
  { ecosystem: "npm", path: /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, read: packageLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)yarn\.lock$/, read: yarnLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)pnpm-lock\.yaml$/, read: pnpmLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)bun\.lock$/, read: bunLock, lock: true },
  { ecosystem: "pypi", path: /(?:^|\/)(?:[\w.-]{0,100}requirements[^/]*|constraints[^/]*|requirements\/[^/]+)\.(?:txt|in)$/, read: requirements },
  { ecosystem: "pypi", path: /(?:^|\/)pyproject\.toml$/, read: pyproject, locks: ["poetry.lock", "uv.lock", "pdm.lock"], above: true },
  { ecosystem: "pypi", path: /(?:^|\/)Pipfile$/, read: pipfile, locks: ["Pipfile.lock"] },
  { ecosystem: "pypi", path: /(?:^|\/)Pipfile\.lock$/, read: pipfileLock, lock: true },
  { ecosystem: "pypi", path: /(?:^|\/)(?:poetry|uv|pdm)\.lock$/, read: pythonLock, lock: true },
  { ecosystem: "go", path: /(?:^|\/)go\.mod$/, read: goMod },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.toml$/, read: cargoToml, locks: ["Cargo.lock"], above: true },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.lock$/, read: cargoLock, lock: true },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile$/, read: gemfile, locks: ["Gemfile.lock"] },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile\.lock$/, read: gemfileLock, lock: true },
  { ecosystem: "maven", path: /(?:^|\/)pom\.xml$/, read: pom },
  { ecosystem: "maven", path: /\.gradle(?:\.kts)?$/, read: gradle, locks: ["gradle.lockfile"] },
  { ecosystem: "maven", path: /\.versions\.toml$/, read: gradleCatalog },
  { ecosystem: "maven", path: /(?:^|\/)gradle\.properties$/, read: gradleProperties },
  { ecosystem: "maven", path: /(?:^|\/)gradle\.lockfile$/, read: gradleLock, lock: true },
  { ecosystem: "nuget", path: /(?:\.(?:cs|fs|vb)proj|(?:^|\/)(?:Directory\.(?:Packages|Build)\.(?:props|targets)|packages\.config))$/, read: msbuild, locks: ["packages.lock.json"] },
  { ecosystem: "nuget", path: /(?:^|\/)packages\.lock\.json$/, read: nugetLock, lock: true },
  { ecosystem: "composer", path: /(?:^|\/)composer\.json$/, read: composerJson, locks: ["composer.lock"] },
  { ecosystem: "composer", path: /(?:^|\/)composer\.lock$/, read: composerLock, lock: true },
];

const BUMPS_MAX = 20_000;
const ENTRIES_MAX = 200_000;
/** A range or a version, as a row of settings writes it: `"^2"`, `= "1.0`, `>1.2<`. */
const VERSION_ROW = /["'=:>( ][~^<>=!v ]{0,4}(?:\d{1,9}\.[\dx*]|[~^]\d)/;

export function isVersionFile(path: string): boolean {
  return FORMATS.some((one) => one.path.test(path));
}

/** Whether a package manager writes the file: its rows are no code, and there may be very many. */
export function isLockFile(path: string): boolean {
  return FORMATS.some((one) => one.lock === true && one.path.test(path));
}

/** Whether a row of a file of versions says which version of something is used, and not how the program runs. */
export function isVersionRow(row: string): boolean {
  return VERSION_ROW.test(row.slice(0, 1_000));
}

/** Paths of the lock files that decide what of the file is installed, of each folder together, the nearest first; none where it decides itself. */
export function locksOf(path: string): string[][] {
  // pip-tools writes what it chose for x.in into x.txt.
  const compiled = /^(.*requirements.*|.*constraints[^/]*)\.in$/.exec(path)?.[1];
  if (compiled !== undefined && isVersionFile(path)) return [[`${compiled}.txt`]];
  const format = FORMATS.find((one) => one.path.test(path));
  if (format?.locks === undefined) return [];
  const parts = path.split("/").slice(0, -1);
  const folders = format.above === true ? parts.map((_, at) => parts.slice(0, parts.length - at)).concat([[]]) : [parts];
  return folders.slice(0, FOLDERS_MAX).map((folder) => (format.locks ?? []).map((name) => [...folder, name].join("/")));
}

const FOLDERS_MAX = 8;

/** What a file of versions says: by package (and folder) its versions, as one text. Empty where it is not well-formed. */
export interface Versions {
  readonly ecosystem: Ecosystem;
  /** Whether it could be read. */
  readonly sound: boolean;
  readonly byKey: ReadonlyMap<string, { readonly name: string; readonly folder?: string; readonly versions: string }>;
  /** By package all its versions, with their folders. Names are canonical, here and in `own`. */
  readonly byName: ReadonlyMap<string, string>;
  readonly own: readonly string[];
}

/** Null for a file that is none of versions. */
export function readVersions(path: string, content: string): Versions | null {
  const format = FORMATS.find((one) => one.path.test(path));
  if (format === undefined) return null;
  const { ecosystem } = format;
  const { entries, own, sound } = read(format.read, content);
  const found = new Map<string, { name: string; folder?: string; versions: Set<string> }>();
  for (const { name, version, folder } of entries.slice(0, ENTRIES_MAX)) {
    if (name === "") continue;
    const key = `${canonicalName(ecosystem, name)}\n${folder ?? ""}`;
    const known = found.get(key);
    // The same package in several versions, or in several places with one.
    if (known === undefined) found.set(key, { name, versions: new Set([version]), ...(folder === undefined ? {} : { folder }) });
    else known.versions.add(version);
  }
  const byKey = new Map([...found].map(([key, one]) => [key, { ...one, versions: [...one.versions].sort().join("\n") }] as const));
  const byName = new Map([...Map.groupBy(byKey, ([key]) => key.slice(0, key.indexOf("\n")))].map(([name, some]) => [name, some.map(([key, { versions }]) => JSON.stringify([key, versions])).sort().join("\n")] as const));
  return { ecosystem, sound, byKey, byName, own: own.map((name) => canonicalName(ecosystem, name)) };
}

function read(reader: Reader, content: string): Read & { readonly sound: boolean } {
  try {
    const { entries, own } = reader(content.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"));
    return { entries: entries.map((one) => ({ ...one, version: one.version.trim() })), own, sound: true };
  } catch {
    return { entries: [], own: [], sound: false };
  }
}

/** Packages that get another version, come or go, between two states of a file. Of a file that is new, or not well-formed in one of them, there are none. */
export function bumpsBetween(path: string, before: Versions, after: Versions): Bump[] {
  if (!before.sound || !after.sound) return [];
  // A lock file that was empty is new, whatever else lies beside it.
  if (isLockFile(path) && (before.byKey.size === 0 || after.byKey.size === 0)) return [];
  const own = new Set([...before.own, ...after.own]);
  const bumps: Bump[] = [];
  for (const [key, { name, folder }] of new Map([...before.byKey, ...after.byKey])) {
    const [from, to] = [before.byKey.get(key)?.versions ?? "", after.byKey.get(key)?.versions ?? ""];
    // Present without a version, and not at all, is a difference too.
    if (own.has(canonicalName(before.ecosystem, name)) || (from === to && before.byKey.has(key) === after.byKey.has(key))) continue;
    bumps.push({ name, path, ecosystem: before.ecosystem, from, to, ...(folder === undefined ? {} : { folder }) });
    if (bumps.length >= BUMPS_MAX) break;
  }
  return bumps;
}

/** Whether the lock file names the package, in the same versions before and after: then nothing else was installed, whatever the range that was asked for. */
export function staysInstalled({ ecosystem, name }: Pick<Bump, "ecosystem" | "name">, before: Versions, after: Versions): boolean {
  const canonical = canonicalName(ecosystem, name);
  return before.byName.has(canonical) && before.byName.get(canonical) === after.byName.get(canonical);
}
