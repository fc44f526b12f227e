import type { FilePatch } from "../git/patch.ts";
import type { SuspicionPart } from "../types.ts";
import { SUBPROJECT } from "./packages/submodules.ts";
import { isVersionFile } from "./packages/versions.ts";

/** What a commit changes beside code that is read. */
export interface Beside {
  /** Files that run or decide what runs, and are not read as code: what they do to the finding cannot be told. */
  readonly unread: readonly string[];
  /** Files that are not there any more under that name. */
  readonly gone: readonly string[];
}

const RUNS = /(?:^|\/)(?:go\.sum|(?:Dockerfile|Containerfile)[^/]*|(?:docker-)?compose[^/]*\.ya?ml|Procfile|\.env[^/]*|\.nvmrc|\.node-version|[^/]+\.sql)$/i;
const FILES_MAX = 50;
const NAME_MIN = 5;
/** An error that names a file, and the commit that took it away; and one that says that it is not there. */
const GONE = 0.5;
const MISSED = 0.9;
const MISSING = /cannot find|can't find|could not find|no such|not found|no module named|ENOENT|does not exist|failed to (?:open|load|read)|unable to (?:open|load|read|resolve)/i;

export function besideOf(files: readonly FilePatch[]): Beside {
  const unread = files.filter(({ path, pathBefore, hunks }) => isVersionFile(path === "" ? pathBefore : path) || RUNS.test(path === "" ? pathBefore : path) || hunks.some(({ lines }) => lines.some((line) => SUBPROJECT.test(line))));
  const gone = files.filter(({ path, pathBefore }) => pathBefore !== "" && path !== pathBefore);
  return { unread: unread.slice(0, FILES_MAX).map(({ path, pathBefore }) => path || pathBefore), gone: gone.slice(0, FILES_MAX).map(({ pathBefore }) => pathBefore) };
}

/** Evidence from what is not there any more: the error names it. */
export function gonePart({ gone }: Pick<Beside, "gone">, message: string): SuspicionPart | null {
  const missed = MISSING.test(message);
  // Modules are named without their ending; but "reading 'total'" is not about total.js.
  const named = gone.find((path) => [path, ...(missed ? [path.replace(/\.\w+$/, "")] : [])].some((form) => isNamed(form.split("/").at(-1) ?? "", message)));
  return named === undefined ? null : { kind: "file", score: missed ? MISSED : GONE, says: `Takes away ${named}, which the error names.`, places: [{ path: named, line: 0 }] };
}

function isNamed(name: string, message: string): boolean {
  if (name.length < NAME_MIN) return false;
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    if (!/[\w.-]/.test(message.charAt(at - 1)) && !/[\w-]/.test(message.charAt(at + name.length))) return true;
  }
  return false;
}
