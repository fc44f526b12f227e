import { BOUNDS } from "./bounds.ts";

/** Text of an application, made safe to store and show: bounded, without control characters and escape sequences. */
export function clean(text: string, charsMax: number = BOUNDS.stepOutputChars): string {
  // Cut before the regular expressions run, so that a hostile megabyte costs nothing.
  const near = text.length > charsMax * 2 ? `${text.slice(0, charsMax)}\n… (cut) …\n${text.slice(-charsMax)}` : text;
  // eslint-disable-next-line no-control-regex
  const plain = near.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "");
  if (plain.length <= charsMax) return plain;
  const half = Math.floor(charsMax / 2);
  return `${plain.slice(0, half)}\n… (cut) …\n${plain.slice(-half)}`;
}

/** The same on one line, for sentences. */
export function cleanLine(text: string, charsMax = 200): string {
  const line = clean(text, charsMax * 4).replace(/\s+/g, " ").trim();
  return line.length <= charsMax ? line : `${line.slice(0, charsMax - 1)}…`;
}
