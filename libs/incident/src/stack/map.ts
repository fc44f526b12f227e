import type { StackFrame } from "../types.ts";
import { isLibraryFile, isPackaged } from "./in-app.ts";

export interface MapOptions {
  /** Every file of the repository at the revision. Hand over the same array again: its index is kept with it. */
  readonly paths: readonly string[];
  /** Path prefixes of the application's own code; empty means all. */
  readonly inApp?: readonly string[];
  /** Path prefixes of the service that ran: of several files that a frame may be, the one below them. */
  readonly own?: readonly string[];
  /** By hand, from the manifest: the first `from` that begins a frame's file is replaced by `to`. */
  readonly frames?: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Gives frames their path in the repository. A process sees `/app/src/cart.js`, the repository holds
 * `services/shop/src/cart.js`: the longest suffix that names exactly one file wins. Where a suffix names several, the
 * service's own folders decide, then those that other frames of the same stack were mapped by, then a file of exactly that
 * path; otherwise the frame stays unmapped, for a wrong place is worse than none. Where a rule of the manifest fits, it alone decides.
 */
export function mapFrames(frames: readonly StackFrame[], { paths, inApp = [], own: folders = [], frames: rules = [] }: MapOptions): StackFrame[] {
  const index = indexOf(paths);
  const own = (path: string): boolean => inApp.length === 0 || inApp.some((prefix) => path.startsWith(prefix));
  const ofService = (path: string): boolean => folders.some((prefix) => path.startsWith(`${prefix.replace(/^\.?\//, "").replace(/\/+$/, "")}/`));
  const found = frames.map((frame) => byRule(frame, rules, index) ?? (isLibraryFile(frame.file) || !frame.inApp ? NOTHING : lookUp(frame.file, index, [own, ofService])));
  const roots = new Set(frames.flatMap((frame, i) => (found[i]?.ruled === true ? [] : rootOf(frame.file, found[i]?.unique))));
  const mapped = frames.map((frame, i) => found[i]?.unique ?? byRoot(frame.file, found[i]?.several ?? [], roots) ?? "");
  // Where the repository is known to hold this stack, what it does not hold is somebody else's code.
  const known = mapped.some((path) => path !== "");
  return frames.map((frame, i) => {
    const path = mapped[i] ?? "";
    const ruled = found[i]?.ruled === true && path !== "";
    return { ...frame, path, inApp: frame.line > 0 && (ruled ? own(path) : !isLibraryFile(frame.file) && (path === "" ? frame.inApp && !known : own(path))) };
  });
}

/** A file as the process sees it where only the file is known, as for a span: by the same rules as a frame of a stack. */
export function mapFile(file: string, options: MapOptions): Pick<StackFrame, "path" | "inApp"> {
  const [frame] = mapFrames([{ function: "", file, path: "", line: 1, column: 0, inApp: true }], options);
  return frame ?? { path: "", inApp: false };
}

type Index = ReadonlyMap<string, readonly string[]>;

interface Found {
  readonly unique: string | undefined;
  readonly several: readonly string[];
  /** A rule of the manifest said so. */
  readonly ruled?: true;
}

const NOTHING: Found = { unique: undefined, several: [] };
const indexes = new WeakMap<readonly string[], Index>();

/** Paths by their last part, so that one frame looks at a handful of files and not at all of them. */
function indexOf(paths: readonly string[]): Index {
  const known = indexes.get(paths);
  if (known !== undefined) return known;
  const index = new Map<string, string[]>();
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const list = index.get(name);
    if (list === undefined) index.set(name, [path]);
    else list.push(path);
  }
  indexes.set(paths, index);
  return index;
}

/** Null where no rule fits. A rule may reach into folders that would pass for a package's, such as `/app/vendor/own/`. */
function byRule({ file, line }: StackFrame, rules: NonNullable<MapOptions["frames"]>, index: Index): Found | null {
  const path = file.replaceAll("\\", "/");
  const rule = line > 0 ? rules.find(({ from }) => path.startsWith(from.replaceAll("\\", "/"))) : undefined;
  if (rule === undefined) return null;
  const wanted = `${rule.to}${path.slice(rule.from.length)}`.replace(/^(?:\.?\/)+/, "").replace(/\/{2,}/g, "/");
  const name = wanted.slice(wanted.lastIndexOf("/") + 1);
  return (index.get(name) ?? []).includes(wanted) ? { unique: wanted, several: [], ruled: true } : NOTHING;
}

function lookUp(file: string, index: Index, narrowing: readonly ((path: string) => boolean)[]): Found {
  const parts = partsOf(file);
  const all = (index.get(parts.at(-1) ?? "") ?? []).filter((path) => !isPackaged(path));
  for (let from = 0; from < parts.length; from++) {
    const suffix = parts.slice(from).join("/");
    const matches = all.filter((path) => path === suffix || path.endsWith(`/${suffix}`));
    if (matches.length === 0) continue;
    if (matches.length === 1) return { unique: matches[0], several: [] };
    for (const narrowed of narrowing.map((_, upTo) => matches.filter((path) => narrowing.slice(0, upTo + 1).every((own) => own(path))))) {
      if (narrowed.length === 1) return { unique: narrowed[0], several: [] };
    }
    return { unique: undefined, several: matches };
  }
  return NOTHING;
}

function partsOf(file: string): string[] {
  return file.replaceAll("\\", "/").split("/").filter((part) => part !== "" && part !== "." && !/^[A-Za-z]:$/.test(part));
}

/** `["/app", "services/shop"]` as one text: which folder of the process is which folder of the repository. */
function rootOf(file: string, path: string | undefined): string[] {
  if (path === undefined) return [];
  const outside = partsOf(file);
  const inside = path.split("/");
  while (outside.length > 0 && outside.at(-1) === inside.at(-1)) {
    outside.pop();
    inside.pop();
  }
  return [root(outside, inside)];
}

function byRoot(file: string, several: readonly string[], roots: ReadonlySet<string>): string | undefined {
  const outside = partsOf(file).join("/");
  const agreed = several.filter((path) => rootOf(file, path).some((one) => roots.has(one)));
  if (agreed.length === 1) return agreed[0];
  return several.find((path) => outside === path) ?? (agreed.length === 0 && roots.size === 0 ? whole(outside, several) : undefined);
}

/** The file whose whole path ends the process's path: the usual layout, the repository's root copied to one folder. */
function whole(outside: string, several: readonly string[]): string | undefined {
  const matches = several.filter((path) => outside.endsWith(`/${path}`));
  return matches.length === 1 ? matches[0] : undefined;
}

function root(outside: readonly string[], inside: readonly string[]): string {
  return JSON.stringify([outside.join("/"), inside.join("/")]);
}
