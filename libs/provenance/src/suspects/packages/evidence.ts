import type { LibraryFrame, SuspicionPart } from "../../types.ts";
import { functionAt } from "../functions.ts";
import type { Hint } from "../places.ts";
import { MOST, round } from "../score.ts";
import type { Source } from "../sources.ts";
import { boundTo, runsCodeOf, tracesOf } from "./ecosystems.ts";
import type { Bump } from "./versions.ts";

const IMPORTS_MAX = 400;
const ROW_MAX = 1_000;
const FRAMES_MAX = 50;
/** Shares of MOST.code. Most new versions break nothing, so that even where the error was thrown it is no more than near. */
const THROWN_IN = 0.85;
const ON_THE_LINE = 0.8;
const IN_THE_FUNCTION = 0.5;
const IN_THE_FILE = 0.15;
/** From one package to the next that the error went through. */
const OUTWARDS = 0.7;

interface Found {
  readonly share: number;
  readonly bump: Bump;
  readonly says: string;
}

/**
 * Evidence from versions: the commit exchanged a package in whose code the error was thrown, or that the failing code
 * uses. Either counts for code below the folder of the file that says so. `through` are the frames of packages before
 * the first of the application, innermost first.
 */
export function packagePart(bumps: readonly Bump[], through: readonly LibraryFrame[], hints: readonly Hint[], sources: ReadonlyMap<string, Source>): SuspicionPart | null {
  if (bumps.length === 0) return null;
  const frames = hints.filter((one) => one.frame);
  const thrown = through[0];
  // Where another package threw, using one says less.
  const used = usedBy(bumps, frames, sources).map((one) => (thrown === undefined || runsCodeOf(one.bump, thrown) ? one : { ...one, share: one.share * OUTWARDS }));
  const found = [...thrownIn(bumps, through, frames), ...used].reduce<Found | null>((best, one) => (one.share > (best?.share ?? 0) ? one : best), null);
  return found === null ? null : { kind: "file", score: round(MOST.code * found.share), says: `Changes the version of ${found.bump.name.replace(/^:/, "")}${moved(found.bump)} in ${found.bump.path}, ${found.says}.`, places: [{ path: found.bump.path, line: 0 }] };
}

const VERSION = /^[\w.+~^<>=*|!, -]{1,40}$/;

/** From which version to which, where it is one that a person can read. */
function moved({ from, to }: Bump): string {
  return VERSION.test(from) && VERSION.test(to) ? ` from ${from} to ${to}` : "";
}

function thrownIn(bumps: readonly Bump[], through: readonly LibraryFrame[], frames: readonly Hint[]): Found[] {
  const found = new Map<Bump, Found>();
  let outwards = 1;
  let last: Bump | undefined;
  for (const [at, frame] of through.slice(0, FRAMES_MAX).entries()) {
    // Of several names that fit, the longest says most: `Npgsql.Json` before `Npgsql`.
    const bump = bumps.filter((one) => (frames.length === 0 || frames.some(({ path }) => concerns(one, path))) && runsCodeOf(one, frame)).toSorted((a, b) => b.name.length - a.name.length)[0];
    if (bump === last && at > 0) continue;
    if (at > 0) outwards *= OUTWARDS;
    last = bump;
    if (bump !== undefined && !found.has(bump)) found.set(bump, { share: THROWN_IN * outwards, bump, says: `in whose code the error ${at === 0 ? "was thrown" : "passed"}${frame.function === "" ? "" : ` (${frame.function})`}` });
  }
  return [...found.values()];
}

function usedBy(bumps: readonly Bump[], frames: readonly Hint[], sources: ReadonlyMap<string, Source>): Found[] {
  return frames.flatMap((hint) => {
    const source = sources.get(hint.path);
    if (source === undefined) return [];
    const range = functionAt(source.functions, hint.line);
    const body = range === null ? "" : source.code.slice(range.from - 1, range.to).join("\n");
    const rows = source.code.slice(0, IMPORTS_MAX).map((row) => row.slice(0, ROW_MAX));
    const all = rows.join("\n").toLowerCase();
    return bumps.filter((bump) => concerns(bump, hint.path) && tracesOf(bump).some((trace) => all.includes(trace))).flatMap((bump) => {
      const names = boundTo(bump, rows);
      if (names === null) return [];
      const uses = (code: string): boolean => names.some((name) => mentions(code, name));
      const [share, says] = uses(source.code[hint.line - 1] ?? "") ? [ON_THE_LINE, `which the line of ${hint.says} uses`] : uses(body) ? [IN_THE_FUNCTION, `which the function of ${hint.says} uses`] : [IN_THE_FILE, `which ${hint.path}, where ${hint.says} lies, imports`];
      return [{ share: share * hint.weight, bump, says }];
    });
  });
}

/** What the file of versions says holds for what lies below its folder; Gradle has a folder for its own files, and requirements of Python often one. A submodule serves whoever reaches into it. */
function concerns({ path, ecosystem }: Bump, code: string): boolean {
  if (ecosystem === "submodule") return true;
  return code.startsWith(path.slice(0, path.lastIndexOf("/") + 1).replace(/(^|\/)(?:gradle|requirements)\/$/, "$1"));
}

function mentions(code: string, name: string): boolean {
  for (let at = code.indexOf(name); at >= 0; at = code.indexOf(name, at + name.length)) {
    if (!/[\w$]/.test(code.charAt(at - 1)) && !/[\w$]/.test(code.charAt(at + name.length))) return true;
  }
  return false;
}
