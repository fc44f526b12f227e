import { codeLines, isCode, isSource } from "./code.ts";
import { functionAt } from "./functions.ts";
import { namesOf } from "./graph.ts";
import type { Hint } from "./places.ts";
import type { Reach, Tie } from "./reach.ts";
import type { Source } from "./sources.ts";

/** Keys deeper than this, and names that stand on more lines than this, say nothing. */
const DEPTH_MAX = 6;
const LINES_MAX = 12;
const KEY = /^[-\s{[]*(?:export\s+)?["']?([A-Za-z_$][\w$.-]*)["']?\s*[:=]/;
/** A setting that the failing line itself reads; one read in its function; one read in code that it leads to. */
const ON_THE_LINE = 1;
const IN_THE_FUNCTION = 0.85;
const REACHED = 0.75;
/** Without the key above it, a key is a common word. */
const ALONE = 0.8;

/** Whether a file holds settings: code that decides, but no functions. */
export function isSettings(path: string): boolean {
  return isCode(path) && !isSource(path);
}

/** The key that a line of a settings file sets, and those above it, nearest first. Goes by indentation. */
export function keysAt(lines: readonly string[], line: number, path: string): string[] {
  const code = codeLines(lines, path);
  const keys: string[] = [];
  let indent = Infinity;
  for (let at = line - 1; at >= 0 && keys.length < DEPTH_MAX; at -= 1) {
    const own = (lines[at] ?? "").search(/\S/);
    if (own < 0 || own >= indent) continue;
    const key = KEY.exec(code[at] ?? "")?.[1];
    if (key === undefined && at !== line - 1) continue;
    indent = own;
    if (key !== undefined) keys.push(...key.split(".").reverse());
  }
  return keys;
}

/** What reads a setting, seen from the finding; null where nothing does that the finding leads to. */
export function readerOf(keys: readonly string[], hints: readonly Hint[], sources: ReadonlyMap<string, Source>, forward: Reach): Tie | null {
  const [key, above] = keys;
  if (key === undefined || key.length < 3) return null;
  const reads = (code: string): boolean => namesOf(code).includes(key) || code.includes(`"${key}"`) || code.includes(`'${key}'`);
  const lines = [...sources.values()].flatMap((source) => source.code.flatMap((code, at) => (reads(code) ? [{ source, line: at + 1, code }] : [])));
  if (lines.length > LINES_MAX) return null;
  // Nobody reads it by its name: what reads the group that it stands in gets it with the rest.
  if (lines.length === 0) return byGroup(readerOf(keys.slice(1), hints, sources, forward));
  let best: Tie | null = null;
  for (const { source, line, code } of lines) {
    const sure = (above === undefined || code.includes(above) ? 1 : ALONE) / Math.sqrt(Math.sqrt(lines.length));
    for (const hint of hints.filter((one) => one.path === source.path)) {
      const near = hint.line === line ? ON_THE_LINE : functionAt(source.functions, line) !== null && functionAt(source.functions, line) === functionAt(source.functions, hint.line) ? IN_THE_FUNCTION : 0;
      const weight = hint.weight * near * sure;
      if (weight > (best?.weight ?? 0)) best = { weight, hops: 0, says: key, hint };
    }
    const reached = forward.at(source.path, line, code);
    const weight = reached === null ? 0 : reached.weight * REACHED * sure;
    if (reached !== null && weight > (best?.weight ?? 0)) best = { ...reached, weight, says: reached.says === "" ? key : `${reached.says} → ${key}` };
  }
  return best;
}

function byGroup(tie: Tie | null): Tie | null {
  return tie === null ? null : { ...tie, weight: tie.weight * ALONE };
}
