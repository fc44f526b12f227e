import type { FilePatch } from "../git/patch.ts";
import { movesBlocks } from "./blocks.ts";
import { codeLines, isCode, tokens } from "./code.ts";
import { findFunctions, functionAt, type FunctionRange } from "./functions.ts";
import { isVersionFile, isVersionRow } from "./packages/versions.ts";
import { isRename, type Scoped } from "./rename.ts";
import { isSettings, keysAt } from "./settings.ts";

/** A line of code that a commit added or removed, and how much it can matter. */
export interface Edit {
  readonly kind: "added" | "removed";
  readonly path: string;
  /** Line on the commit's new side; for a removed line, the line that now stands there. */
  readonly line: number;
  readonly code: string;
  /** Where it stood before: for a removed line, and for one that was only moved or renamed. */
  readonly before: { readonly path: string; readonly line: number } | null;
  /** For a removed line: what now stands there. */
  readonly standing: string;
  /** The part of it that differs from the line it replaces, or that replaces it; all of it where there is none. */
  readonly changed: string;
  /** Whether it is a call of a logger: it decides nothing, and can still throw itself. */
  readonly logs: boolean;
  /** 1 for code that decides something; less for logging, imports, renames and prose. */
  readonly weight: number;
  /** Name of the function around it, "" at top level or in a callback. */
  readonly function: string;
  /** Whether the function begins on this line. */
  readonly header: boolean;
  /** In a settings file: the key that the line sets, and those above it, nearest first. */
  readonly keys: readonly string[];
}

const LOG_CALL = /^\s*(?:await\s+)?(?:this\.|self\.)?(?:console|log|logger|logging|_log|_logger)\.\w+\s*\(/i;
const LOG_CONDITION = /^(?:if|when|unless)\b(?!.*\breturn\b)[^=]*(?:[=!]==?[^=]*)*[:{]?$/;
const IMPORT = /^(?:["']use [a-z]+["'];?$|import\b|from\s+\S+\s+import\b|export\s+(?:\*|\{[^}]*\})\s+from\b|(?:const|let|var)\s+[\w${},\s:]+=\s*require\s*\()/;
const RENAMED = 0.1;
const PROSE = 0.2;
const LOGGED = 0.15;
const IMPORTED = 0.3;
const MOVED_LENGTH_MIN = 8;
const MOVED_AWAY = 0.15;
const REORDERED = 0.7;
/** An entry more in a table or list seldom changes what the others do. */
const ENTRY_ADDED = 0.5;
const ENTRY = /^(?:[[{"'`]|[\w$]+:\s*["'`\d[{]).*[,\]})]$/;
const BRACKETS = /^[\s{}()[\];,]*$/;

/**
 * The lines of a commit that can change what the program does. Takes a patch with the files in full. Comments, white
 * space, moved lines, tests and documents are gone; what only renames a local name or rewords a text counts little.
 */
export function editsOf(files: readonly FilePatch[]): Edit[] {
  const edits = files.filter((file) => isCode(file.path === "" ? file.pathBefore : file.path)).flatMap(editsOfFile);
  return withoutMoves(edits);
}

interface Side {
  readonly lines: string[];
  readonly code: string[];
}

function editsOfFile(file: FilePatch): Edit[] {
  const path = file.path === "" ? file.pathBefore : file.path;
  const rows = file.hunks.flatMap((hunk) => hunk.lines);
  const before = side(rows, "+", path);
  const after = side(rows, "-", path);
  const functions = { before: findFunctions(before.lines), after: findFunctions(after.lines) };
  const keys = (one: Side, line: number): readonly string[] => (isSettings(path) ? keysAt(one.lines, line + 1, path) : []);
  const edits: Edit[] = [];
  let [old, now] = [0, 0];
  for (let index = 0; index < rows.length; ) {
    if (rows[index]?.startsWith(" ") === true) {
      old += 1;
      now += 1;
      index += 1;
      continue;
    }
    const removed: number[] = [];
    const added: number[] = [];
    for (; index < rows.length && rows[index]?.startsWith(" ") !== true; index += 1) {
      if (rows[index]?.startsWith("-") === true) removed.push(old++);
      else added.push(now++);
    }
    const was = removed.map((line) => before.code[line] ?? "");
    const is = added.map((line) => after.code[line] ?? "");
    const entries = removed.length === 0 && is.every((code) => code === "" || ENTRY.test(code));
    const moves = was.length > 0 && movesBlocks(path, { lines: before.lines, from: old - removed.length, to: old }, { lines: after.lines, from: now - added.length, to: now });
    const factor = groupWeight(was, is, { code: before.code, functions: functions.before, line: removed[0] ?? old }, { code: after.code, functions: functions.after, line: added[0] ?? now }, { moves, settings: isSettings(path) }) * (entries ? ENTRY_ADDED : 1);
    const logs = onlyLogs(was) && onlyLogs(is);
    if (factor === 0) continue;
    const paired = factor <= PROSE && was.length === is.length;
    const own = (code: string): number => factor * (logs && LOG_CONDITION.test(code) ? LOGGED : 1);
    const standing = Math.max(1, (added[0] ?? now) + 1);
    removed.forEach((line, at) => push(edits, { kind: "removed", path, line: standing, code: was[at] ?? "", before: { path: file.pathBefore, line: line + 1 }, standing: after.code[standing - 1] ?? "", changed: differing(was, is, at), weight: own(was[at] ?? ""), keys: keys(before, line), ...around(functions.before, line + 1) }));
    added.forEach((line, at) => push(edits, { kind: "added", path, line: line + 1, code: is[at] ?? "", before: paired ? { path: file.pathBefore, line: (removed[at] ?? 0) + 1 } : null, standing: "", changed: differing(is, was, at), weight: own(is[at] ?? ""), keys: keys(after, line), ...around(functions.after, line + 1) }));
  }
  return edits;
}

/** Log calls, with the conditions under which they are made. */
function onlyLogs(codes: readonly string[]): boolean {
  return codes.every((code) => LOG_CALL.test(code) || LOG_CONDITION.test(code) || BRACKETS.test(code)) && (codes.length === 0 || codes.some((code) => LOG_CALL.test(code)));
}

function around(functions: readonly FunctionRange[], line: number): Pick<Edit, "function" | "header"> {
  const range = functionAt(functions, line);
  return { function: range?.name ?? "", header: range?.from === line };
}

/** Lines pair up where as many came as went. What both begin and end with did not change. */
function differing(mine: readonly string[], theirs: readonly string[], at: number): string {
  const [own, other] = [mine[at] ?? "", theirs[at] ?? ""];
  if (mine.length !== theirs.length) return own;
  const [left, right] = [tokens(own), tokens(other)];
  let start = 0;
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  // Signs of two characters are two tokens.
  return left.slice(start, left.length - end).join(" ").replace(/\? (?=[?.])/g, "?");
}

function push(edits: Edit[], edit: Omit<Edit, "logs">): void {
  if (BRACKETS.test(edit.code)) return;
  const logs = LOG_CALL.test(edit.code);
  const factor = logs ? LOGGED : IMPORT.test(edit.code) ? IMPORTED : 1;
  edits.push({ ...edit, logs, weight: edit.weight * factor });
}

function side(rows: readonly string[], without: "+" | "-", path: string): Side {
  const lines = rows.filter((row) => !row.startsWith(without)).map((row) => row.slice(1));
  // What says a package's version is no setting of that name: packages/evidence.ts weighs it.
  const code = codeLines(lines, path);
  return { lines, code: isVersionFile(path) ? code.map((one, at) => (isVersionRow(lines[at] ?? "") ? "" : one)) : code };
}

/** 0 where nothing but layout changed, little where only a local name or a text did, else 1. */
function groupWeight(was: readonly string[], is: readonly string[], before: Scoped & { readonly line: number }, after: Scoped & { readonly line: number }, { moves, settings }: { readonly moves: boolean; readonly settings: boolean }): number {
  const [old, now] = [tokens(was.join("\n")), tokens(is.join("\n"))];
  if (old.length === 0 && now.length === 0) return 0;
  if (layoutFree(old) === layoutFree(now)) return moves ? 1 : 0;
  // In settings a name is a key, and a text is what is set.
  if (settings || old.length !== now.length || old.length === 0) return 1;
  const pairs = old.map((token, index) => [token, now[index] ?? ""] as const).filter(([from, to]) => from !== to);
  if (pairs.every(([from, to]) => isProse(from) && isProse(to) && insertsOf(from) === insertsOf(to))) return PROSE;
  return isRename(old, now, before, after) ? RENAMED : 1;
}

/** Trailing commas, semicolons and the kind of quotes are the formatter's. */
function layoutFree(list: readonly string[]): string {
  return list.filter((token, index) => token !== ";" && !(token === "," && /^[)\]}]$/.test(list[index + 1] ?? ""))).map((token) => token.replace(/^(["'`])([^"'`$]*)\1$/s, '"$2"')).join(" ");
}

/** Code within a template: `${…}`. */
function insertsOf(text: string): string {
  return text.startsWith("`") ? [...text.matchAll(/\$\{[^}]*\}/g)].map(([insert]) => insert).join(" ") : "";
}

function isProse(token: string): boolean {
  return /^["'`]/.test(token) && token.trim().includes(" ");
}

/**
 * A line that was taken out in one place and put in at another mostly changes nothing: code was moved or split up. Within
 * one function that stays it changes an order, and that can be the fault.
 */
function withoutMoves(edits: readonly Edit[]): Edit[] {
  const removed = new Map<string, Edit[]>();
  for (const edit of edits) if (edit.kind === "removed" && edit.code.length >= MOVED_LENGTH_MIN) removed.set(edit.code, [...(removed.get(edit.code) ?? []), edit]);
  const factors = new Map<Edit, number>();
  const origins = new Map<Edit, Edit["before"]>();
  const headers = new Set([...removed.values()].flat().filter((edit) => edit.header).map(({ path, code }) => `${path}\0${code}`));
  const movedWhole = new Set(edits.filter((edit) => edit.kind === "added" && edit.header && headers.has(`${edit.path}\0${edit.code}`)).map((edit) => `${edit.path}\0${edit.function}`));
  for (const edit of edits) {
    const twins = edit.kind === "added" ? removed.get(edit.code) : undefined;
    if (twins === undefined || twins.length === 0) continue;
    const near = twins.findIndex((twin) => twin.path === edit.path && twin.function === edit.function);
    const [twin] = twins.splice(Math.max(near, 0), 1);
    const factor = near < 0 || movedWhole.has(`${edit.path}\0${edit.function}`) ? MOVED_AWAY : REORDERED;
    factors.set(edit, factor);
    if (twin === undefined) continue;
    factors.set(twin, factor);
    if (factor === MOVED_AWAY) origins.set(edit, twin.before);
  }
  return edits.map((edit) => ({ ...edit, before: origins.get(edit) ?? edit.before, weight: edit.weight * (factors.get(edit) ?? 1) }));
}
