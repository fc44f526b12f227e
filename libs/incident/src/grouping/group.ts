import { stableId } from "@firstfix/kit";
import type { StackFrame } from "../types.ts";
import { engineReason, leadPhrase, normaliseMessage } from "./message.ts";
import { fileOf, functionOf, isGeneric, rawFileOf } from "./names.ts";

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
  /** Finer than the group, by the message as well: what a person can split off. */
  readonly fingerprint: string;
  /** The same by the in-app frames and by all frames, as `hashes`; the first is the fingerprint. Either joins. */
  readonly fingerprints: readonly string[];
}

const FRAMES_MAX = 30;
const TITLE_CHARS_MAX = 200;

/**
 * The group of an error: fingerprint → stack → type and message → message. Line numbers and the text of lines are left
 * out: the ones shift with every change above them, the others change with the very fix whose effect is to be judged,
 * and a fix that failed would look as if it held. So are runtime and package frames where there are in-app ones, for
 * they shift with every upgrade. The hash of all frames takes files as the process names them, so that it is the same
 * while the repository cannot be read; so does that of the fingerprints.
 */
export function groupError({ type, message, frames, fingerprint }: GroupInput): ErrorGroup {
  const title = titleOf(type, message);
  const value = normaliseMessage(message);
  const inApp = frames.filter((frame) => frame.inApp);
  const fine = (some: readonly StackFrame[], nameOf: (frame: StackFrame) => string): string => stableId("fpr", type, value, ...signature(some, nameOf));
  const fingerprints = [...new Set([fine(inApp.length > 0 ? inApp : frames, fileOf), fine(frames, rawFileOf)])];
  const group = (hashes: readonly string[]): ErrorGroup => ({ groupId: hashes[0] ?? "", title, hashes, fingerprint: fingerprints[0] ?? "", fingerprints });
  if (fingerprint !== undefined && fingerprint !== "") return group([stableId("grp", "fingerprint", fingerprint)]);
  if (frames.length > 0) {
    const overflow = OVERFLOW.test(`${type}: ${message.slice(0, 200)}`);
    const reason = reasonOf(type, message, frames, overflow);
    const hash = (some: readonly StackFrame[], nameOf: (frame: StackFrame) => string): string => stableId("grp", "stack", type, reason, ...(overflow ? loop(some, nameOf) : signature(some, nameOf)));
    return group([...new Set([...(inApp.length > 0 ? [hash(inApp, fileOf)] : []), hash(frames, rawFileOf)])]);
  }
  return group([type === "" ? stableId("grp", "message", value) : stableId("grp", "type", type, value)]);
}

/** One line for a person: `TypeError: boom`. */
export function titleOf(type: string, message: string): string {
  const line = (message.split("\n", 1)[0] ?? "").trim();
  const text = type === "" ? line : line === "" ? type : `${type}: ${line}`;
  return text.length > TITLE_CHARS_MAX ? `${text.slice(0, TITLE_CHARS_MAX - 1)}…` : text || "Error without a message";
}

/**
 * What tells two problems with the same frames apart. The runtime's own words (`reading 'total'`) do. Of an error that the
 * application throws itself it is how its message begins, for the rest holds data. All of the message counts where the
 * frames say too little: none of them is the application's, the innermost has no name or a minifier's, or it is a helper
 * that all errors come from.
 */
function reasonOf(type: string, message: string, frames: readonly StackFrame[], overflow: boolean): string {
  const reason = engineReason(type, message);
  const innermost = frames.find((frame) => frame.inApp);
  if (innermost !== undefined && reason !== "") return reason;
  if (innermost === undefined || isGeneric(innermost)) return [reason, normaliseMessage(message.split("\n", 1)[0] ?? "")].filter((part) => part !== "").join(" ");
  // Where a stack overflows is chance, and so is whether it is in a frame of the application.
  return innermost === frames.find((frame) => !RECORDER.test(frame.file)) && !overflow ? leadPhrase(message) : "";
}

/** In Go an error has no stack of its own: it is that of the place where it was recorded, below the one who records. */
const RECORDER = /\/runtime\/debug\/stack\.go$|\/go\.opentelemetry\.io\/otel[/@]/;

/** One text per frame; a call repeated by recursion counts once, however deep it went. */
function signature(frames: readonly StackFrame[], nameOf: (frame: StackFrame) => string): string[] {
  const texts: string[] = [];
  for (const text of textsOf(frames, nameOf)) {
    if (!texts.includes(text)) texts.push(text);
    if (texts.length >= FRAMES_MAX) break;
  }
  return texts;
}

const OVERFLOW = /^(?:RangeError: Maximum call stack|InternalError: too much recursion|RecursionError|java\.lang\.StackOverflowError|System\.StackOverflowException|SystemStackError|fatal error: stack overflow)/;

/** Where the stack overflows is chance: any of the calls that go round may be the innermost, and the outer ones are cut off. */
function loop(frames: readonly StackFrame[], nameOf: (frame: StackFrame) => string): string[] {
  const texts = textsOf(frames, nameOf);
  const round = [...new Set(texts)].filter((text) => texts.indexOf(text) !== texts.lastIndexOf(text)).sort();
  return round.length > 0 ? round.slice(0, FRAMES_MAX) : signature(frames, nameOf);
}

function textsOf(frames: readonly StackFrame[], nameOf: (frame: StackFrame) => string): string[] {
  return frames.filter((frame) => frame.line !== 0).map((frame) => `${nameOf(frame)} ${functionOf(frame.function)}`);
}
