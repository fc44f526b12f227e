import type { FilePatch } from "../git/patch.ts";
import type { SuspicionPart } from "../types.ts";
import { functionAt } from "./functions.ts";
import type { Hint } from "./places.ts";
import { MOST, round } from "./score.ts";
import type { Source } from "./sources.ts";

/** A package of which a commit changes the version, and the file that says so. */
export interface Bump {
  readonly name: string;
  readonly path: string;
}

const BUMPS_MAX = 200;
const ROW_MAX = 1_000;
const IMPORTS_MAX = 400;
/** Shares of MOST.code. Most new versions break nothing, so that even on the failing line it is no more than near. */
const ON_THE_LINE = 0.8;
const IN_THE_FUNCTION = 0.5;
const IN_THE_FILE = 0.15;

const JSON_KEYS = /^(?:version|resolved|integrity|dependencies|devDependencies|peerDependencies|optionalDependencies|requires|engines|packages|bin|funding|peerDependenciesMeta|default|develop|_meta|)$/;
const NAME = String.raw`(?:@[\w.-]{1,100}\/)?[\w.-]{1,200}`;
/** What a file of versions looks like: the line that names a package, and the line whose change is another version. Where one line is both, `says` is null. */
const FORMATS: readonly { readonly path: RegExp; readonly names: RegExp; readonly says: RegExp | null }[] = [
  { path: /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$|(?:^|\/)Pipfile\.lock$/, names: new RegExp(String.raw`^\s*"(?:[^"]{0,300}node_modules\/)?(${NAME})": \{`), says: /^\s*"version":/ },
  { path: /(?:^|\/)package\.json$/, names: new RegExp(String.raw`^\s{2,8}"(${NAME})": "(?:[~^<>=v ]{0,3}\d|npm:|git|file:|workspace:)`), says: null },
  { path: /(?:^|\/)yarn\.lock$/, names: new RegExp(String.raw`^"?(${NAME})@`), says: /^\s+version\b/ },
  { path: /(?:^|\/)pnpm-lock\.yaml$/, names: new RegExp(String.raw`^\s{2}['"]?\/?(${NAME})@\d`), says: null },
  { path: /(?:^|\/)(?:poetry|uv|Cargo)\.lock$/, names: /^name = "([\w.-]{1,200})"/, says: /^version =/ },
  { path: /(?:^|\/)requirements[^/]*\.txt$/, names: /^([\w.-]{1,200})(?:\[[\w,-]{1,100}\])?\s*[=~<>!]=/, says: null },
  { path: /(?:^|\/)go\.mod$/, names: /^\s*(?:require\s+)?([\w.-]{1,100}(?:\/[\w.~-]{1,100}){1,8}) v\d/, says: null },
  { path: /(?:^|\/)Gemfile\.lock$/, names: /^\s{4}([\w.-]{1,200}) \(\d/, says: null },
];

/** Packages that get another version, come or go; read from the patch of the files that say so. */
export function bumpsOf(files: readonly FilePatch[]): Bump[] {
  const found = new Map<string, Bump>();
  for (const { path, pathBefore, hunks } of files) {
    const own = path === "" ? pathBefore : path;
    const format = FORMATS.find((one) => one.path.test(own));
    if (format === undefined || pathBefore === "") continue;
    for (const { lines } of hunks) {
      let name = "";
      for (const line of lines) {
        const row = line.slice(1, ROW_MAX);
        const named = format.names.exec(row)?.[1] ?? "";
        if (named !== "" && !(own.endsWith(".json") && JSON_KEYS.test(named))) name = named;
        const changes = !line.startsWith(" ") && (format.says === null ? named !== "" && named === name : format.says.test(row));
        // The first name of two files wins: what a person wrote stands before what was made of it.
        if (changes && name !== "" && found.size < BUMPS_MAX && !found.has(name)) found.set(name, { name, path: own });
      }
    }
  }
  return [...found.values()];
}

/** Evidence from versions: the failing code, below the folder of the file that says so, uses a package that the commit exchanged. */
export function packagePart(bumps: readonly Bump[], hints: readonly Hint[], sources: ReadonlyMap<string, Source>): SuspicionPart | null {
  let best: { readonly share: number; readonly bump: Bump; readonly says: string } | null = null;
  for (const hint of hints.filter((one) => one.frame)) {
    const source = sources.get(hint.path);
    if (source === undefined) continue;
    const range = functionAt(source.functions, hint.line);
    const body = range === null ? "" : source.code.slice(range.from - 1, range.to).join("\n");
    for (const bump of bumps) {
      const names = hint.path.startsWith(bump.path.slice(0, bump.path.lastIndexOf("/") + 1)) ? boundTo(bump.name, source.code) : null;
      if (names === null) continue;
      const uses = (code: string): boolean => names.some((name) => mentions(code, name));
      const [share, says] = uses(source.code[hint.line - 1] ?? "") ? [ON_THE_LINE, `the line of ${hint.says} uses`] : uses(body) ? [IN_THE_FUNCTION, `the function of ${hint.says} uses`] : [IN_THE_FILE, `${hint.path}, where ${hint.says} lies, imports`];
      if (share * hint.weight > (best?.share ?? 0)) best = { share: share * hint.weight, bump, says };
    }
  }
  if (best === null) return null;
  return { kind: "file", score: round(MOST.code * best.share), says: `Changes the version of ${best.bump.name} in ${best.bump.path}, which ${best.says}.`, places: [{ path: best.bump.path, line: 0 }] };
}

/** Names by which a file calls what it imports of a package; null where it imports nothing of it. */
function boundTo(name: string, code: readonly string[]): string[] | null {
  const forms = [name, ...(/-/.test(name) ? [name.replaceAll("-", "_")] : [])];
  const rows = code.slice(0, IMPORTS_MAX).filter((row) => /\b(?:import|require|from|use)\b|^"[\w./-]+"$/.test(row) && forms.some((form) => isImported(row, form)));
  if (rows.length === 0) return null;
  const last = name.split("/").at(-1) ?? name;
  const words = rows.flatMap((row) => row.slice(0, ROW_MAX).match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []).filter((word) => !/^(?:import|from|as|require|const|let|var|type|default|use|node_modules)$/.test(word));
  return [...new Set([...words, last])];
}

/** In quotes with nothing or a path behind it, or as the module of Python's import. */
function isImported(row: string, name: string): boolean {
  for (let at = row.indexOf(name); at >= 0; at = row.indexOf(name, at + name.length)) {
    const [before, after] = [row.charAt(at - 1), row.charAt(at + name.length)];
    if (/["'`]/.test(before) && /["'`/]/.test(after)) return true;
    if (/^\s*(?:import|from)\s/.test(row) && /\s/.test(before) && (after === "" || /[\s.,;]/.test(after))) return true;
  }
  return false;
}

function mentions(code: string, name: string): boolean {
  for (let at = code.indexOf(name); at >= 0; at = code.indexOf(name, at + name.length)) {
    if (!/[\w$]/.test(code.charAt(at - 1)) && !/[\w$]/.test(code.charAt(at + name.length))) return true;
  }
  return false;
}
