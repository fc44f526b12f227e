import { Lang, parse, type SgNode } from "@ast-grep/napi";

/** A line that keeps its identity while files change around it, so that a fault is found again wherever it went. */
export interface Line {
  text: string;
}

/** A named function as it stands now; lines are the tree's own objects. */
export interface Fn {
  readonly name: string;
  readonly path: string;
  /** Index of its first and last line in the file. */
  readonly from: number;
  readonly to: number;
  readonly params: readonly string[];
  /** Lines on which a statement of its body begins, at the body's own level, in order. */
  readonly statements: readonly number[];
}

const FUNCTIONS = { rule: { any: ["function_declaration", "generator_function_declaration", "method_definition", "arrow_function", "function_expression"].map((kind) => ({ kind })) } };
const NAMES_NOBODY_WANTS = new Set(["constructor", "toString", "get", "set", "then", "push", "call", "apply", "on", "next", "map", "forEach", "test", "add", "has", "delete", "slice", "join", "keys", "values"]);

/** The work tree of a history under construction. */
export class Tree {
  readonly files = new Map<string, Line[]>();
  readonly #functions = new Map<string, { readonly text: string; readonly list: readonly Fn[] }>();

  constructor(files: ReadonlyMap<string, string>) {
    for (const [path, text] of files) this.files.set(path, linesOf(text));
  }

  text(path: string): string {
    return (this.files.get(path) ?? []).map((line) => line.text).join("\n");
  }

  lines(path: string): Line[] {
    const lines = this.files.get(path);
    if (lines === undefined) throw new Error(`no file ${path}`);
    return lines;
  }

  /** Where a line stands now, 1-based; null when it is gone. */
  find(line: Line): { readonly path: string; readonly line: number } | null {
    for (const [path, lines] of this.files) {
      const index = lines.indexOf(line);
      if (index >= 0) return { path, line: index + 1 };
    }
    return null;
  }

  sources(): string[] {
    return [...this.files.keys()].filter((path) => path.endsWith(".js"));
  }

  functions(path: string): readonly Fn[] {
    const text = this.text(path);
    const known = this.#functions.get(path);
    if (known?.text === text) return known.list;
    const list = functionsOf(path, text);
    this.#functions.set(path, { text, list });
    return list;
  }

  all(): Fn[] {
    return this.sources().flatMap((path) => this.functions(path));
  }

  /** The innermost function that holds a line. */
  holding(line: Line): Fn | null {
    const at = this.find(line);
    if (at === null || !at.path.endsWith(".js")) return null;
    const holding = this.functions(at.path).filter(({ from, to }) => from <= at.line - 1 && at.line - 1 <= to);
    return holding.sort((a, b) => a.to - a.from - (b.to - b.from))[0] ?? null;
  }

  body(fn: Fn): Line[] {
    return this.lines(fn.path).slice(fn.from, fn.to + 1);
  }

  /** Whether every file still parses as it did: an edit must not leave nonsense behind. */
  parses(path: string): boolean {
    return !path.endsWith(".js") || !hasError(parse(Lang.JavaScript, this.text(path)).root());
  }
}

export function linesOf(text: string): Line[] {
  return text.split("\n").map((one) => ({ text: one }));
}

/** In the order in which they begin. */
function functionsOf(path: string, text: string): Fn[] {
  const found: Fn[] = [];
  for (const node of parse(Lang.JavaScript, text).root().findAll(FUNCTIONS)) {
    const name = nameOf(node);
    const body = node.field("body");
    if (name === "" || NAMES_NOBODY_WANTS.has(name) || body === null || String(body.kind()) !== "statement_block") continue;
    const { start, end } = node.range();
    const statements = body.children().filter((child) => child.isNamed() && String(child.kind()) !== "comment").map((child) => child.range().start.line);
    if (statements.length > 0 && statements[0] !== start.line) found.push({ name, path, from: start.line, to: end.line, params: paramsOf(node), statements: [...new Set(statements)] });
  }
  return found;
}

function nameOf(node: SgNode): string {
  const own = node.field("name");
  if (own !== null) return /^[A-Za-z_$][\w$]*$/.test(own.text()) ? own.text() : "";
  const parent = node.parent();
  if (parent === null) return "";
  const kind = String(parent.kind());
  const target = kind === "variable_declarator" ? parent.field("name") : kind === "assignment_expression" ? parent.field("left") : kind === "pair" ? parent.field("key") : null;
  const name = target === null ? "" : (/([A-Za-z_$][\w$]*)$/.exec(target.text())?.[1] ?? "");
  return name;
}

function paramsOf(node: SgNode): string[] {
  const list = node.field("parameters");
  return (list?.children() ?? []).filter((child) => String(child.kind()) === "identifier").map((child) => child.text());
}

function hasError(node: SgNode): boolean {
  return node.find({ rule: { kind: "ERROR" } }) !== null;
}
