import type { Ecosystem } from "./ecosystems.ts";
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
}

interface Format {
  readonly ecosystem: Ecosystem;
  readonly path: RegExp;
  readonly read: Reader;
  /** Written by the package manager: nobody reads it but that. */
  readonly lock?: true;
}

const FORMATS: readonly Format[] = [
  { ecosystem: "npm", path: /(?:^|\/)package\.json$/, read: packageJson },
  { ecosystem: "npm", path: /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, read: packageLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)yarn\.lock$/, read: yarnLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)pnpm-lock\.yaml$/, read: pnpmLock, lock: true },
  { ecosystem: "npm", path: /(?:^|\/)bun\.lock$/, read: bunLock, lock: true },
  { ecosystem: "pypi", path: /(?:^|\/)requirements[^/]*\.txt$/, read: requirements },
  { ecosystem: "pypi", path: /(?:^|\/)pyproject\.toml$/, read: pyproject },
  { ecosystem: "pypi", path: /(?:^|\/)Pipfile$/, read: pipfile },
  { ecosystem: "pypi", path: /(?:^|\/)Pipfile\.lock$/, read: pipfileLock, lock: true },
  { ecosystem: "pypi", path: /(?:^|\/)(?:poetry|uv|pdm)\.lock$/, read: pythonLock, lock: true },
  { ecosystem: "go", path: /(?:^|\/)go\.mod$/, read: goMod },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.toml$/, read: cargoToml },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.lock$/, read: cargoLock, lock: true },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile$/, read: gemfile },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile\.lock$/, read: gemfileLock, lock: true },
  { ecosystem: "maven", path: /(?:^|\/)pom\.xml$/, read: pom },
  { ecosystem: "maven", path: /\.gradle(?:\.kts)?$/, read: gradle },
  { ecosystem: "maven", path: /\.versions\.toml$/, read: gradleCatalog },
  { ecosystem: "maven", path: /(?:^|\/)gradle\.properties$/, read: gradleProperties },
  { ecosystem: "maven", path: /(?:^|\/)gradle\.lockfile$/, read: gradleLock, lock: true },
  { ecosystem: "nuget", path: /(?:\.(?:cs|fs|vb)proj|(?:^|\/)Directory\.Packages\.props)$/, read: msbuild },
  { ecosystem: "nuget", path: /(?:^|\/)packages\.lock\.json$/, read: nugetLock, lock: true },
  { ecosystem: "composer", path: /(?:^|\/)composer\.json$/, read: composerJson },
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

/** Whether a row of such a file says which version of something is used, and not how the program runs. */
export function isVersionRow(path: string, row: string): boolean {
  return isVersionFile(path) && VERSION_ROW.test(row.slice(0, 1_000));
}

/** What a file of versions says: by package (and folder) its versions, as one text. Empty where it is not well-formed. */
export interface Versions {
  readonly ecosystem: Ecosystem;
  readonly byKey: ReadonlyMap<string, { readonly name: string; readonly folder?: string; readonly versions: string }>;
  readonly own: readonly string[];
}

/** Null for a file that is none of versions. */
export function readVersions(path: string, content: string): Versions | null {
  const format = FORMATS.find((one) => one.path.test(path));
  if (format === undefined) return null;
  const { entries, own } = read(format.read, content);
  const byKey = new Map<string, { name: string; folder?: string; versions: string }>();
  for (const { name, version, folder } of entries.slice(0, ENTRIES_MAX)) {
    if (name === "") continue;
    const key = `${name}\n${folder ?? ""}`;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { name, versions: version.trim(), ...(folder === undefined ? {} : { folder }) });
    // The same package in several versions, or in several places with one.
    else if (!known.versions.split("\n").includes(version.trim())) known.versions = [...known.versions.split("\n"), version.trim()].sort().join("\n");
  }
  return { ecosystem: format.ecosystem, byKey, own };
}

function read(reader: Reader, content: string): Read {
  try {
    return reader(content.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"));
  } catch {
    return { entries: [], own: [] };
  }
}

/** Packages that get another version, come or go, between two states of a file. Of a file that is new, or not well-formed in one of them, there are none. */
export function bumpsBetween(path: string, before: Versions, after: Versions): Bump[] {
  if (before.byKey.size === 0 || after.byKey.size === 0) return [];
  const own = new Set([...before.own, ...after.own]);
  const bumps: Bump[] = [];
  for (const [key, { name, folder }] of new Map([...before.byKey, ...after.byKey])) {
    if (own.has(name) || before.byKey.get(key)?.versions === after.byKey.get(key)?.versions) continue;
    bumps.push({ name, path, ecosystem: before.ecosystem, ...(folder === undefined ? {} : { folder }) });
    if (bumps.length >= BUMPS_MAX) break;
  }
  return bumps;
}
