import type { StackFrame } from "../types.ts";

/** `Object.handler`, `Cart.handler` and `handler` are one function: V8 guesses the receiver anew each time. */
export function functionOf(name: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1).replace(/^#/, "");
  return last === "<anonymous>" || last === "anonymous" || last === "eval" ? "" : last;
}

/** Path in the repository, else the file as the process names it. */
export function fileOf(frame: StackFrame): string {
  return frame.path !== "" ? frame.path : rawFileOf(frame);
}

/** The file as the process names it, with build hashes, versions and the folders above the package taken away. */
export function rawFileOf(frame: StackFrame): string {
  const file = frame.file.replaceAll("\\", "/");
  const library = Math.max(...LIBRARY_FOLDERS.map((folder) => file.lastIndexOf(folder)));
  const tail = library >= 0 ? file.slice(library + 1) : belowRelease(file.split("/")).slice(-FOLDERS_MAX).join("/");
  return tail.replace(/([.-])(?=[0-9a-f]*\d)[0-9a-f]{6,40}(?=\.\w{1,5}$)/i, "").replace(/@v?\d+\.\d+\.\d+[^/]*/g, "").replace(/(\/gems\/[\w.-]*?)-\d+(?:\.\d+)+(?=\/)/, "$1");
}

/** Enough that two packages of one repository are two, however alike their folders are. */
const FOLDERS_MAX = 6;

/** A folder that is named by a build (its number, date, version, commit) says where the process runs, not which file. */
function belowRelease(parts: readonly string[]): readonly string[] {
  return parts.slice(parts.slice(0, -1).findLastIndex((part) => /^(?:\d{6,}|v?\d+\.\d+\.\d+[\w.-]*|(?=[a-f]*\d)[0-9a-f]{7,40}|current)$/.test(part)) + 1);
}

const LIBRARY_FOLDERS = ["/node_modules/", "/site-packages/", "/dist-packages/", "/vendor/", "/gems/", "/pkg/mod/"];

/**
 * Whether a frame says nearly nothing of what went wrong: code without a name or with a minifier's, and helpers through
 * which an application throws all its errors.
 */
export function isGeneric({ function: called, file }: StackFrame): boolean {
  const name = functionOf(called).replace(/^.*[#>]/, "");
  if (name === "" || (name.length <= 2 && /\.[cm]?jsx?$/.test(file))) return true;
  return /error|exception|failure|invariant/i.test(name) || /^(?:assert|fail|throw|raise|ensure|must|panic|abort|reject|die)(?![a-z])/.test(name);
}
