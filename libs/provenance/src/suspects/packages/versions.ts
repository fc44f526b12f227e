import type { FilePatch } from "../../git/patch.ts";
import type { Ecosystem } from "./ecosystems.ts";

/** A package of which a commit changes the version, and the file that says so. */
export interface Bump {
  /** As its ecosystem writes it; of Maven `group:artifact`, or `:name` where only a property's name is known. */
  readonly name: string;
  readonly path: string;
  readonly ecosystem: Ecosystem;
}

/**
 * What a file of versions looks like: the line that names a package, and the line whose change is another version. Where
 * one line is both, `says` is null. `group` is what stands before the name, on a line of its own.
 */
interface Format {
  readonly ecosystem: Ecosystem;
  readonly path: RegExp;
  readonly names: RegExp;
  readonly says: RegExp | null;
  readonly group?: RegExp;
  /** Rows between which alone a package is named; elsewhere the same rows say what the repository's own version is. */
  readonly between?: readonly [RegExp, RegExp];
  /** A row behind the version that the repository's own package does not have. */
  readonly foreign?: RegExp;
  /** Keys that look like a package's name and are none. */
  readonly none?: RegExp;
}

const BUMPS_MAX = 200;
const ROW_MAX = 1_000;

const NAME = String.raw`(?:@[\w.-]{1,100}\/)?[\w.-]{1,200}`;
const COORDINATES = String.raw`[\w.-]{1,200}:[\w.-]{1,200}`;
/** A version behind what may narrow it: `^1.0`, `~> 3`, `==2.0`. */
const RANGE = String.raw`[~^<>=!v ]{0,4}\d`;
const JSON_KEYS = /^(?:version|resolved|integrity|dependencies|devDependencies|peerDependencies|optionalDependencies|requires|engines|packages|bin|funding|peerDependenciesMeta|default|develop|_meta|)$/;
const TOML_KEYS = /^(?:version|edition|rust-version|resolver|python|requires-python|python_version|python_full_version|target-version|line-length)$/;

const FORMATS: readonly Format[] = [
  { ecosystem: "npm", path: /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/, names: new RegExp(String.raw`^\s*"(?:[^"]{0,300}node_modules\/)?(${NAME})": \{`), says: /^\s*"version":/, none: JSON_KEYS },
  { ecosystem: "npm", path: /(?:^|\/)package\.json$/, names: new RegExp(String.raw`^\s{2,8}"(${NAME})": "(?:${RANGE}|npm:|git|file:|workspace:)`), says: null, none: JSON_KEYS },
  { ecosystem: "npm", path: /(?:^|\/)yarn\.lock$/, names: new RegExp(String.raw`^"?(${NAME})@`), says: /^\s+version\b/ },
  { ecosystem: "npm", path: /(?:^|\/)pnpm-lock\.yaml$/, names: new RegExp(String.raw`^\s{2}['"]?\/?(${NAME})@\d`), says: null },
  { ecosystem: "npm", path: /(?:^|\/)bun\.lock$/, names: new RegExp(String.raw`^\s+"[^"]{1,300}": \["(${NAME})@`), says: null },
  { ecosystem: "pypi", path: /(?:^|\/)Pipfile\.lock$/, names: new RegExp(String.raw`^\s*"(${NAME})": \{`), says: /^\s*"version":/, none: JSON_KEYS },
  { ecosystem: "pypi", path: /(?:^|\/)(?:poetry|pdm)\.lock$/, names: /^name = "([\w.-]{1,200})"/, says: /^version =/ },
  { ecosystem: "pypi", path: /(?:^|\/)uv\.lock$/, names: /^name = "([\w.-]{1,200})"/, says: /^version =/, foreign: /^source = \{ (?!editable|virtual)/ },
  { ecosystem: "pypi", path: /(?:^|\/)requirements[^/]*\.txt$/, names: /^([\w.-]{1,200})(?:\[[\w,-]{1,100}\])?\s*[=~<>!]=/, says: null },
  { ecosystem: "pypi", path: /(?:^|\/)pyproject\.toml$/, names: /^[^"]{0,40}"([\w.-]{1,200})(?:\[[\w,-]{1,100}\])?\s*[=~<>!]=/, says: null },
  { ecosystem: "pypi", path: /(?:^|\/)(?:pyproject\.toml|Pipfile)$/, names: new RegExp(String.raw`^"?([\w.-]{1,200})"? = (?:"${RANGE}|\{.{0,200}\bversion = ")`), says: null, none: TOML_KEYS },
  { ecosystem: "go", path: /(?:^|\/)go\.mod$/, names: /^\s*(?:require\s+)?([\w.-]{1,100}(?:\/[\w.~-]{1,100}){1,8}) v\d/, says: null },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.lock$/, names: /^name = "([\w.-]{1,200})"/, says: /^version =/, foreign: /^source =/ },
  { ecosystem: "cargo", path: /(?:^|\/)Cargo\.toml$/, names: new RegExp(String.raw`^([\w-]{1,200}) = (?:"${RANGE}|\{.{0,200}\bversion = ")`), says: null, none: TOML_KEYS },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile\.lock$/, names: /^\s{4}([\w.-]{1,200}) \(\d/, says: null },
  { ecosystem: "gem", path: /(?:^|\/)Gemfile$/, names: new RegExp(String.raw`^\s*gem[ (]\s{0,4}["']([\w.-]{1,200})["'],\s{0,4}["']${RANGE}`), says: null },
  { ecosystem: "maven", path: /(?:^|\/)pom\.xml$/, group: /<groupId>([\w.-]{1,200})<\/groupId>/, names: /<artifactId>([\w.-]{1,200})<\/artifactId>/, says: /<version>/, between: [/<(?:dependency|parent)>/, /<\/(?:dependency|parent)>/] },
  { ecosystem: "maven", path: /(?:^|\/)pom\.xml$/, names: /^\s*<([\w-]{1,100}(?:\.[\w-]{1,100}){0,4}?)[.-]version>/, says: null, none: /^(?:java|maven|project)\b/ },
  { ecosystem: "maven", path: /(?:\.gradle(?:\.kts)?|(?:^|\/)gradle\.lockfile)$/, names: new RegExp(String.raw`(?:^|["'])(${COORDINATES}):\d`), says: null },
  { ecosystem: "maven", path: /\.versions\.toml$/, names: new RegExp(String.raw`"(${COORDINATES})".{0,200}\bversion = "`), says: null },
  { ecosystem: "maven", path: /\.versions\.toml$/, names: new RegExp(String.raw`^([\w-]{2,100}) = "${RANGE}`), says: null, none: /^java\b/ },
  { ecosystem: "maven", path: /(?:^|\/)gradle\.properties$/, names: new RegExp(String.raw`^([\w-]{2,100}?)[._-]?[vV]ersion\s{0,4}=\s{0,4}${RANGE}`), says: null, none: /^java\b/ },
  { ecosystem: "nuget", path: /(?:\.(?:cs|fs|vb)proj|(?:^|\/)Directory\.Packages\.props)$/, names: /<Package(?:Reference|Version)\s[^>]{0,300}\b(?:Include|Update)="([\w.-]{1,200})"[^>]{0,300}\bVersion(?:Override)?="/, says: null },
  { ecosystem: "nuget", path: /(?:^|\/)packages\.lock\.json$/, names: /^\s*"([\w.-]{1,200})": \{/, says: /^\s*"resolved":/ },
  { ecosystem: "composer", path: /(?:^|\/)composer\.json$/, names: new RegExp(String.raw`^\s+"([\w.-]{1,100}\/[\w.-]{1,100})": "${RANGE}`), says: null },
  { ecosystem: "composer", path: /(?:^|\/)composer\.lock$/, names: /^\s+"name": "([\w.-]{1,100}\/[\w.-]{1,100})"/, says: /^\s+"version":/ },
];

/** Packages that get another version, come or go; read from the patch of the files that say so. */
export function bumpsOf(files: readonly FilePatch[]): Bump[] {
  const found = new Map<string, Bump>();
  for (const { path, pathBefore, hunks } of files) {
    const own = path === "" ? pathBefore : path;
    if (pathBefore === "") continue;
    for (const format of FORMATS.filter((one) => one.path.test(own))) {
      for (const { lines } of hunks) {
        for (const name of namesIn(lines, format)) {
          // The first name of two files wins: what a person wrote stands before what was made of it.
          const key = `${format.ecosystem} ${name}`;
          if (found.size < BUMPS_MAX && !found.has(key)) found.set(key, { name, path: own, ecosystem: format.ecosystem });
        }
      }
    }
  }
  return [...found.values()];
}

/** Tells rows that say which version of a package is used from other settings of the same file; null where a file has no such rows. */
export function versionRows(path: string): ((row: string) => boolean) | null {
  const formats = FORMATS.filter((one) => one.path.test(path));
  const says = (row: string, { names, says: version, group, none }: Format): boolean => {
    const named = names.exec(row)?.[1];
    return (named !== undefined && none?.test(named) !== true) || version?.test(row) === true || group?.test(row) === true;
  };
  return formats.length === 0 ? null : (row) => formats.some((one) => says(row.slice(0, ROW_MAX), one));
}

/** Names of the packages whose version a hunk changes. */
function namesIn(lines: readonly string[], { ecosystem, names, says, group, none, between, foreign }: Format): string[] {
  const found: string[] = [];
  let inside = between === undefined;
  let before = "";
  let name = "";
  let changed = "";
  for (const line of lines) {
    const row = line.slice(1, ROW_MAX);
    if (between !== undefined) inside = between[0].test(row) || (inside && !between[1].test(row));
    if (!inside) continue;
    before = group?.exec(row)?.[1] ?? before;
    const named = names.exec(row)?.[1] ?? "";
    const is = named !== "" && none?.test(named) !== true;
    if (is) name = ecosystem === "maven" && !named.includes(":") ? `${group === undefined ? "" : before}:${named}` : named;
    if (!line.startsWith(" ") && (says === null ? is : says.test(row))) changed = name;
    if (changed === "" || (foreign !== undefined && !foreign.test(row))) continue;
    found.push(changed);
    changed = "";
  }
  return found;
}
