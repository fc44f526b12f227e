import { stableId } from "@firstfix/kit";
import type { StackFrame } from "../types.ts";
import { engineReason, normaliseMessage } from "./message.ts";

export interface GroupInput {
  readonly type: string;
  readonly message: string;
  /** Innermost first, mapped to the repository where that was possible. */
  readonly frames: readonly StackFrame[];
  /** Set by the application itself: wins over everything. */
  readonly fingerprint?: string;
}

export interface ErrorGroup {
  readonly groupId: string;
  readonly title: string;
  /** By the in-app frames, and by all frames, whichever there are; the first is the group's id. Either joins. */
  readonly hashes: readonly string[];
}

const FRAMES_MAX = 30;
const TITLE_CHARS_MAX = 200;

/**
 * The group of an error: fingerprint → stack → type and message → message. Line numbers are left out, for they shift
 * with every change above them; so are runtime and package frames where there are in-app ones, for they shift with
 * every upgrade. What the runtime says (`reading 'total'`) tells two problems in one function apart; where the
 * innermost frame has no function name, so that the file alone speaks, the normalised message joins it.
 */
export function groupError({ type, message, frames, fingerprint }: GroupInput): ErrorGroup {
  const title = titleOf(type, message);
  if (fingerprint !== undefined && fingerprint !== "") return group(title, [stableId("grp", "fingerprint", fingerprint)]);
  const inApp = frames.filter((frame) => frame.inApp);
  const hashes = [inApp, frames].filter((some) => some.length > 0).map((some) => stableId("grp", "stack", type, reasonOf(type, message, some), ...signature(some)));
  if (hashes.length > 0) return group(title, [...new Set(hashes)]);
  const value = normaliseMessage(message);
  return group(title, [type === "" ? stableId("grp", "message", value) : stableId("grp", "type", type, value)]);
}

function group(title: string, hashes: readonly string[]): ErrorGroup {
  return { groupId: hashes[0] ?? "", title, hashes };
}

/** One line for a person: `TypeError: boom`. */
export function titleOf(type: string, message: string): string {
  const line = (message.split("\n", 1)[0] ?? "").trim();
  const text = type === "" ? line : line === "" ? type : `${type}: ${line}`;
  return text.length > TITLE_CHARS_MAX ? `${text.slice(0, TITLE_CHARS_MAX - 1)}…` : text || "Error without a message";
}

function reasonOf(type: string, message: string, frames: readonly StackFrame[]): string {
  const reason = engineReason(type, message);
  if (reason !== "") return reason;
  return functionOf(frames[0]?.function ?? "") === "" ? normaliseMessage(message.split("\n", 1)[0] ?? "") : "";
}

/** One text per frame; a call repeated by recursion counts once, however deep it went. */
function signature(frames: readonly StackFrame[]): string[] {
  const texts: string[] = [];
  for (const frame of frames) {
    if (frame.line === 0) continue;
    const text = `${fileOf(frame)} ${functionOf(frame.function)}`;
    if (!texts.includes(text)) texts.push(text);
    if (texts.length >= FRAMES_MAX) break;
  }
  return texts;
}

/** `Object.handler`, `Cart.handler` and `handler` are one function: V8 guesses the receiver anew each time. */
function functionOf(name: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1).replace(/^#/, "");
  return last === "<anonymous>" || last === "anonymous" || last === "eval" ? "" : last;
}

/** Path in the repository, else the file with build hashes, versions and the folders above the package taken away. */
function fileOf(frame: StackFrame): string {
  if (frame.path !== "") return frame.path;
  const file = frame.file.replaceAll("\\", "/");
  const library = Math.max(file.lastIndexOf("/node_modules/"), file.lastIndexOf("/site-packages/"));
  const tail = library >= 0 ? file.slice(library + 1) : file.split("/").slice(-3).join("/");
  return tail.replace(/([.-])(?=[0-9a-f]*\d)[0-9a-f]{6,40}(?=\.\w{1,5}$)/i, "").replace(/@\d+\.\d+\.\d+[^/]*/g, "");
}
