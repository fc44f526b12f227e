import type { StackFrame } from "../types.ts";
import { isLibraryFile } from "./in-app.ts";

/**
 * Tracebacks of Python.
 *
 *   chain     = traceback { link traceback }
 *   link      = "The above exception was the direct cause of the following exception:"
 *             | "During handling of the above exception, another exception occurred:"
 *   traceback = "Traceback (most recent call last):" { frame } [ type ": " message ]
 *   group     = "+ Exception Group Traceback (most recent call last):" { frame } { "+---- n ----" traceback }
 *   frame     = '  File "' file '", line ' number [ ", in " function ] [ source line ] [ marks ]
 *
 * Python writes the outermost call first; frames are given innermost first. A direct cause lies deeper than what was
 * raised from it, so its frames come first; an exception raised while another was handled is a fault of its own, so
 * there the later one comes first. Lines of an exception group are marked with "|" and "+"; its members lie deeper than
 * the group, the first one first.
 */
export function parsePython(lines: readonly string[], framesMax: number): StackFrame[] {
  let done: StackFrame[] = [];
  let current: StackFrame[] = [];
  let groups: StackFrame[][] = [];
  let link: "none" | "cause" | "handling" = "none";
  const member = (): void => {
    groups.push(current.reverse());
    current = [];
  };
  const join = (): void => {
    member();
    // The group's own traceback stands first and its members below it.
    const inner = [...groups.slice(1), ...groups.slice(0, 1)].flat();
    groups = [];
    done = link === "handling" ? [...inner, ...done] : [...done, ...inner];
  };
  for (const raw of lines) {
    const line = raw.replace(/^[ ]*[|+][ -]?/, "");
    if (line.includes(DIRECT) || line.includes(HANDLING)) {
      join();
      link = line.includes(DIRECT) ? "cause" : "handling";
      continue;
    }
    if (MEMBER.test(raw)) {
      member();
      continue;
    }
    const match = FRAME.exec(line);
    if (match === null) continue;
    const file = match[1] ?? "";
    current.push({ function: functionName(match[3] ?? ""), file, path: "", line: Number(match[2]), column: 0, inApp: !isLibraryFile(file) });
  }
  join();
  return done.slice(0, framesMax);
}

/** Whether the text holds a Python traceback. */
export function isPython(text: string): boolean {
  return text.includes("Traceback (most recent call last)") || /^[ \t|+]{0,200}File "[^"\n]{1,500}", line \d/m.test(text);
}

const DIRECT = "The above exception was the direct cause of the following exception";
const HANDLING = "During handling of the above exception, another exception occurred";
const MEMBER = /^ *\+-[-+]{2,} (?:\d{1,6}|\.\.\.) -{2,}$/;
const FRAME = /^\s*File "([^"]{1,1000})", line (\d{1,9})(?:, in (.{1,300}))?\s*$/;

function functionName(name: string): string {
  const text = name.trim();
  return text === "<module>" || text === "<lambda>" ? "" : text;
}
