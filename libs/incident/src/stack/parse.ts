import { LIMITS } from "@firstfix/kit";
import type { StackFrame } from "../types.ts";
import { parseJavaScript } from "./javascript.ts";
import { isPython, parsePython } from "./python.ts";

const LINE_CHARS_MAX = 2000;

/**
 * Frames of a stack text, innermost first: JavaScript (V8) or Python. Never throws; a text that holds no stack gives
 * none. `hint.type` is the exception's type: a dotted lower-case module (`django.db.utils.DataError`) decides for
 * Python where a message quotes the other language's stack. Bounded by LIMITS.stackBytes and LIMITS.stackFrames.
 */
export function parseStack(text: string, hint: { readonly type?: string } = {}): StackFrame[] {
  const lines = text.slice(0, LIMITS.stackBytes).split("\n").map((line) => line.slice(0, LINE_CHARS_MAX));
  const python = isPython(text.slice(0, LIMITS.stackBytes));
  const dotted = /^[a-z_]\w*\.[\w.]*$/.test(hint.type ?? "");
  const first = python || dotted ? parsePython(lines, LIMITS.stackFrames) : parseJavaScript(lines, LIMITS.stackFrames);
  if (first.length > 0) return first;
  return python || dotted ? parseJavaScript(lines, LIMITS.stackFrames) : [];
}
