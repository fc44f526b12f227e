/**
 * A path pattern of a CODEOWNERS file, matched without regular expressions: whoever writes the file would otherwise
 * decide how long a match takes. Cost of a match: length of the path times length of the pattern.
 *
 * ```
 * pattern = [ "/" ] segment *( "/" segment ) [ "/" ]
 * segment = "**" | *( char | "*" | "?" | "\" char )
 * ```
 * As in gitignore: with a slash before its end a pattern starts at the root, without one it holds in every folder; what
 * matches a folder matches all that is in it; `/` at the end asks for a folder.
 */
export interface Pattern {
  readonly steps: readonly Step[];
}

/** null stands for any number of folders; a segment is characters, MANY and ONE. */
type Step = readonly (string | typeof MANY | typeof ONE)[] | null;

const MANY = 1;
const ONE = 2;
const ANYTHING: Step = [MANY];

export interface PatternRules {
  /** GitLab: a pattern that does not start with `/` holds in every folder, and only `/` at the end means what is inside. */
  readonly gitlab?: boolean;
}

/** Null for what is no pattern: nothing in it, or an escape with nothing to escape. */
export function compilePattern(text: string, { gitlab = false }: PatternRules = {}): Pattern | null {
  const parts = split(text);
  if (parts === null) return null;
  const folder = parts.length > 1 && isEmpty(parts.at(-1));
  if (folder) parts.pop();
  const rooted = isEmpty(parts[0]);
  if (rooted) parts.shift();
  if (parts.length === 0) return null;
  const anchored = rooted || (!gitlab && parts.length > 1);
  const steps: Step[] = anchored ? [] : [null];
  parts.forEach((part, index) => {
    // Two stars that are a whole segment stand for folders; as the last segment for everything inside, but not for the folder itself.
    if (!isTwoStars(part)) steps.push(part);
    else if (index < parts.length - 1) steps.push(null);
    else if (gitlab) steps.push(ANYTHING);
    else steps.push(ANYTHING, null);
  });
  // Where GitHub is not gitignore: `docs/*` is about the files in docs, and not about those in its folders.
  const own = anchored && isStar(parts.at(-1));
  if (folder) steps.push(ANYTHING, null);
  else if (!gitlab && !own) steps.push(null);
  return { steps };
}

/** Steps that may still be taken; below 0 nothing matches any more, and the answers are worth nothing. */
export interface Meter {
  left: number;
}

export function matches({ steps }: Pattern, path: readonly string[], meter: Meter = { left: Infinity }): boolean {
  return glob(steps, path, meter, (step) => step === null, (step, name) => step !== null && glob(step, name, meter, (token) => token === MANY, (token, char) => token === ONE || token === char));
}

/** Wildcard matching with one point of return: only the last star can ever have to take more than it did. */
function glob<T>(pattern: readonly T[], text: ArrayLike<string>, meter: Meter, isMany: (token: T) => boolean, fits: (token: T, one: string) => boolean): boolean {
  let [at, read, star, from] = [0, 0, -1, 0];
  while (read < text.length) {
    meter.left -= 1;
    if (meter.left < 0) return false;
    const token = pattern[at];
    if (at < pattern.length && isMany(token as T)) {
      star = at;
      from = read;
      at += 1;
    } else if (at < pattern.length && fits(token as T, text[read] ?? "")) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      at = star + 1;
      from += 1;
      read = from;
    } else return false;
  }
  while (at < pattern.length && isMany(pattern[at] as T)) at += 1;
  return at === pattern.length;
}

type Segment = (string | typeof MANY | typeof ONE)[];

function split(text: string): Segment[] | null {
  const parts: Segment[] = [[]];
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "\\") {
      index += 1;
      if (index >= text.length) return null;
      parts.at(-1)?.push(text.charAt(index));
    } else if (char === "/") parts.push([]);
    else parts.at(-1)?.push(char === "*" ? MANY : char === "?" ? ONE : char);
  }
  return parts;
}

function isEmpty(segment: Segment | undefined): boolean {
  return segment?.length === 0;
}

function isStar(segment: Segment | undefined): boolean {
  return segment?.length === 1 && segment[0] === MANY;
}

function isTwoStars(segment: Segment): boolean {
  return segment.length === 2 && segment[0] === MANY && segment[1] === MANY;
}
