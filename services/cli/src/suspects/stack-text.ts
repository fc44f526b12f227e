import { createReadStream } from "node:fs";
import { findStack, parseError } from "@firstfix/incident";
import { FirstfixError, LIMITS, messageOf } from "@firstfix/kit";
import { size } from "../terminal.ts";

export interface StackText {
  readonly text: string;
  /** What was left out; null where nothing was. */
  readonly warning: string | null;
}

/** Of a log so much is looked through; a stack itself is no longer than LIMITS.stackBytes. */
const LOG_BYTES = 16 * 1024 * 1024;
const FORMS = "Give the error as its runtime prints it (JavaScript, Python, Java, Go, Rust, .NET, Ruby, PHP), or a log that holds it: plain, with fields before each line, or in JSON.";

/**
 * The error in a file, or in standard input for `-`: the text as it is, or the stack that a log holds. No more is read than
 * is looked through, for a log may never end. Throws bad_request where nothing in it says what was raised.
 */
export async function readStack(file: string): Promise<StackText> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of file === "-" ? process.stdin : createReadStream(file)) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).byteLength;
      if (bytes > LOG_BYTES) break;
    }
  } catch (cause) {
    throw new FirstfixError("bad_request", `--stack ${file} cannot be read: ${messageOf(cause)}`, { hint: "Give a file with --stack, or - for standard input.", cause });
  }
  const text = Buffer.concat(pieces).subarray(0, LOG_BYTES).toString("utf8");
  if (text.trim() === "") throw new FirstfixError("bad_request", `--stack ${file}: ${file === "-" ? "standard input" : "the file"} is empty`, { hint: "Give the error's text, from its message down to the last frame." });
  const found = findStack(text);
  const error = parseError(found ?? text);
  if (found === null && error.type === "") throw new FirstfixError("bad_request", `--stack ${file}: neither a stack trace nor an error is recognised in it`, { hint: FORMS });
  const stack = (found ?? text).slice(0, LIMITS.stackBytes);
  const read = bytes > LOG_BYTES ? LOG_BYTES : text.length > stack.length && text.startsWith(stack) ? LIMITS.stackBytes : null;
  return { text: stack, warning: read === null ? null : `Only the first ${size(read)} of the text were read.` };
}
