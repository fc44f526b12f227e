import { createReadStream } from "node:fs";
import { FirstfixError, LIMITS, messageOf } from "@firstfix/kit";
import { size } from "../terminal.ts";

export interface StackText {
  readonly text: string;
  /** What was left out; null where nothing was. */
  readonly warning: string | null;
}

/** The text of a file, or of standard input for `-`, no more of it than is parsed: it may be a whole log, or never end. Throws bad_request. */
export async function readStack(file: string): Promise<StackText> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of file === "-" ? process.stdin : createReadStream(file)) {
      pieces.push(piece as Buffer);
      bytes += (piece as Buffer).byteLength;
      if (bytes > LIMITS.stackBytes) break;
    }
  } catch (cause) {
    throw new FirstfixError("bad_request", `--stack ${file} cannot be read: ${messageOf(cause)}`, { hint: "Give a file with --stack, or - for standard input.", cause });
  }
  const text = Buffer.concat(pieces).subarray(0, LIMITS.stackBytes).toString("utf8");
  if (text.trim() === "") throw new FirstfixError("bad_request", `--stack ${file}: ${file === "-" ? "standard input" : "the file"} is empty`, { hint: "Give the error's text, from its message down to the last frame." });
  return { text, warning: bytes > LIMITS.stackBytes ? `Only the first ${size(LIMITS.stackBytes)} of the stack were read.` : null };
}
