/** A function as far as layout shows it: header line to closing line, 1-based. Callbacks have no name. */
export interface FunctionRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const NOT_A_NAME = new Set(["if", "for", "while", "switch", "catch", "return", "function", "with", "else", "do", "try", "new", "await", "typeof", "super", "elif", "except", "match"]);

const HEADERS: readonly RegExp[] = [
  /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)/,
  /^\s*(?:export\s+)?(?:const|let|var)\s+([\w$]+)(?:\s*:[^=]+)?\s*=\s*(?:async\s*)?(?:function\b|\(|[\w$]+\s*=>|\w*\s*=>)/,
  // Top-level constants and tables are called by name as functions are.
  /^(?:export\s+)?(?:const|let|var)\s+([\w$]+)/,
  /^([A-Z][A-Z0-9_]+)\s*(?::[^=]+)?=/,
  /^\s*(?:module\.)?exports\.([\w$]+)\s*=/,
  /^\s*[\w$]+(?:\.[\w$]+)*\.([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>|[\w$]+\s*=>)/,
  /^\s*([\w$]+)\s*[:=]\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>|[\w$]+\s*=>)/,
  /^\s*(?:async\s+)?def\s+(\w+)/,
  /^\s*func\s+(?:\([^)]*\)\s*)?(\w+)/,
  /^\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/,
  /^\s*(?:(?:public|private|protected|static|final|abstract|override|async|synchronized|readonly|get|set)\s+)*(?:[\w<>[\],.?]+\s+)?[*#]?([\w$]+)\s*(?:<[^>]*>)?\([^;]*\)\s*(?:throws [\w., ]+|:[^{}]+)?\{\s*$/,
];
/** The name of another module is no function of this one. */
const REQUIRED = /^(?:const|let|var)\s+[\w$]+\s*=\s*(?:require|__importDefault|__importStar|_interop\w*)\s*\(/;
const LONG_HEADER = /^\s*((?:(?:public|private|protected|static|final|abstract|override|async|synchronized|readonly|get|set)\s+)*(?:[\w<>[\],.?]+\s+)?)[*#]?([\w$]+)\s*(?:<[^>]*>)?\($/;
const HEADER_LINES_MAX = 20;
const CALLBACK = /(?:=>\s*[{(]|\bfunction\s*\([^)]*\)\s*\{)\s*$/;

/** Whether a header is that of a constant or table, and not of something that is called. */
export function isTable(line: string): boolean {
  return !REQUIRED.test(line) && [2, 3].some((at) => HEADERS[at]?.test(line) === true) && HEADERS[1]?.test(line) !== true;
}

/** All functions of a file, outer ones before inner ones. Relies on indentation, as formatters leave it. */
export function findFunctions(lines: readonly string[]): FunctionRange[] {
  const found: FunctionRange[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    const name = headerName(line) ?? longHeader(lines, index);
    if (name === null) continue;
    const to = blockEnd(lines, index);
    if (to > index || name !== "") found.push({ name, from: index + 1, to: to + 1 });
  }
  return found;
}

/** The innermost function around the line that is worth speaking of: named, or long enough to be a handler. */
export function functionAt(functions: readonly FunctionRange[], line: number): FunctionRange | null {
  let best: FunctionRange | null = null;
  for (const one of functions) {
    if (line < one.from || line > one.to || (one.name === "" && one.to - one.from < 3)) continue;
    if (best === null || one.to - one.from <= best.to - best.from) best = one;
  }
  return best;
}

function headerName(line: string): string | null {
  if (line.trim() === "" || line.length > 1000 || REQUIRED.test(line)) return null;
  for (const [index, pattern] of HEADERS.entries()) {
    const name = pattern.exec(line)?.[1];
    if (name === undefined || NOT_A_NAME.has(name)) continue;
    // The last form, a method's, also fits some statements that open a block.
    if (index === HEADERS.length - 1 && (CALLBACK.test(line) || /^\s*(?:\}|return\b|await\b)/.test(line))) continue;
    return name;
  }
  return CALLBACK.test(line) ? "" : null;
}

/** `static of(` with its parameters on lines of their own, and `) {` where it began. */
function longHeader(lines: readonly string[], index: number): string | null {
  const opened = LONG_HEADER.exec(lines[index] ?? "");
  const name = opened?.[2] ?? "";
  if (name === "" || NOT_A_NAME.has(name)) return null;
  const indent = indentOf(lines[index] ?? "");
  for (const line of lines.slice(index + 1, index + 1 + HEADER_LINES_MAX)) {
    if (indentOf(line) > indent || line.trim() === "") continue;
    return indentOf(line) === indent && /^\s*\)[^;]*\{\s*$/.test(line) && !/=>/.test(line) ? name : null;
  }
  return null;
}

/** Index of the last line of the block that the header opens. */
function blockEnd(lines: readonly string[], header: number): number {
  const indent = indentOf(lines[header] ?? "");
  let last = header;
  for (let index = header + 1; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    if (line.trim() === "") continue;
    if (indentOf(line) > indent) {
      last = index;
      continue;
    }
    const closes = /^\s*[)}\]]/.test(line);
    if (closes && /[{([:>]\s*$/.test(line)) {
      last = index; // the end of a signature over several lines, or `} else {`
      continue;
    }
    return closes ? index : last;
  }
  return last;
}

function indentOf(line: string): number {
  let width = 0;
  for (const char of line) {
    if (char === " ") width += 1;
    else if (char === "\t") width += 4;
    else break;
  }
  return width;
}
