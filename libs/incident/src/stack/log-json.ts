const DEPTH_MAX = 6;
const TEXTS_MAX = 2_000;
const PIECES_MAX = 100_000;
const STACK = /stack|trace|exc(?:eption|_info)?$|^err|error|^log$|^msg$|^message$/i;

/**
 * Texts within a log in JSON that may hold a stack, those of fields that are named like one first: a line each, a whole
 * document, or pieces that a container's runtime made of the lines (`{"log":"…\n"}`), which are put together again.
 * `stripped` takes away what stands before the JSON of a line. A log without JSON is its own only text.
 */
export function textsIn(whole: string, lines: readonly string[], stripped: (line: string) => string): string[] {
  const document = parsed(whole);
  const records = document !== null ? [document] : lines.map((line) => parsed(stripped(line))).filter((one) => one !== null);
  if (records.length === 0) return [whole];
  const pieces = records.slice(0, PIECES_MAX).flatMap((one) => (typeof one["log"] === "string" ? [one["log"]] : []));
  const found: { readonly text: string; readonly named: boolean }[] = [];
  for (const record of records) {
    if (found.length >= TEXTS_MAX) break;
    collect(record, "", 0, found);
  }
  const texts = [...found.filter(({ named }) => named), ...found.filter(({ named }) => !named)].map(({ text }) => text);
  return pieces.length > 1 ? [pieces.join(""), ...texts] : texts;
}

type JsonObject = Readonly<Record<string, unknown>>;

function parsed(text: string): JsonObject | null {
  const trimmed = text.trim();
  if (!/^\{[^]*\}$/.test(trimmed)) return null;
  try {
    return JSON.parse(trimmed) as JsonObject;
  } catch {
    return null;
  }
}

function collect(value: unknown, key: string, depth: number, found: { text: string; named: boolean }[]): void {
  if (depth > DEPTH_MAX || found.length >= TEXTS_MAX || value === null) return;
  if (typeof value === "string") {
    if (value.length > 10) found.push({ text: value, named: STACK.test(key) });
    return;
  }
  if (typeof value !== "object") return;
  if (Array.isArray(value)) {
    // A backtrace as a list of its lines; what was raised stands beside it.
    if (value.length > 0 && value.every((one) => typeof one === "string")) found.push({ text: value.join("\n"), named: STACK.test(key) });
    else for (const one of value as unknown[]) collect(one, key, depth + 1, found);
    return;
  }
  const entries = Object.entries(value);
  const lines = entries.find(([name, one]) => /trace|stack/i.test(name) && Array.isArray(one) && one.length > 0 && one.every((line) => typeof line === "string"))?.[1] as readonly string[] | undefined;
  if (lines !== undefined) {
    const text = (pattern: RegExp): string => entries.filter(([name, one]) => pattern.test(name) && typeof one === "string").map(([, one]) => one as string)[0] ?? "";
    const raised = entries.find(([name, one]) => /^exception$|^error$/i.test(name) && Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === "string"))?.[1] as readonly string[] | undefined;
    const [type, message] = raised ?? [text(/class|type|^name$|^exception$|^error$/i), text(/message|^msg$/i)];
    const ruby = /\.rb:\d+:in /.test(lines[0] ?? "");
    found.push({ text: ruby ? [`${lines[0]}: ${message} (${type || "RuntimeError"})`, ...lines.slice(1).map((line) => `\tfrom ${line}`)].join("\n") : [`${type}: ${message}`, ...lines].join("\n"), named: true });
  }
  for (const [name, one] of entries) collect(one, name, depth + 1, found);
}
