import { DEAD_LETTER_LIMITS, type DeadLetters, type Letter, type LetterOutcome, type LetterSummary } from "@firstfix/admin";
import { FirstfixError, loadConfig } from "@firstfix/kit";
import { decodeRecord } from "../decode.ts";
import { findDeadLetters } from "../dead-letters.ts";
import { wholeNumber } from "../numbers.ts";
import { writeNamed } from "../output.ts";
import { configFile } from "../paths.ts";
import { parseSince } from "../since.ts";
import { jsonText, visible } from "../terminal.ts";

/** Letters that one `--all` takes; called again, it takes the next. */
const ALL_MAX = 100_000;

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

export interface ListOptions extends Common {
  readonly limit: string;
  readonly topic?: string;
  readonly since?: string;
  readonly settled?: boolean;
}

/** One line per record that could not be stored, by id. */
export async function list({ limit, topic, since, settled, ...common }: ListOptions): Promise<void> {
  const most = wholeNumber("--limit", limit, 1, DEAD_LETTER_LIMITS.listed);
  const sinceMs = since === undefined ? {} : { sinceMs: parseSince(since, Date.now()) };
  await withLetters(common, async (letters) => {
    const found = await letters.list({ limit: most, settled: settled === true, ...sinceMs, ...(topic === undefined ? {} : { topic }) });
    if (common.json === true) {
      console.log(jsonText(found));
      return;
    }
    for (const one of found) console.log(line(one));
    if (found.length === 0) console.log("No dead letters.");
    else if (found.length === most) console.log(`The first ${most}; --limit shows more.`);
  });
}

export interface ShowOptions extends Common {
  readonly raw?: string;
}

/** What is known of one record, and what of its bytes can be read. */
export async function show(id: string, { raw, ...common }: ShowOptions): Promise<void> {
  await withLetters(common, async (letters) => {
    const letter = await letters.get(id);
    const body = Buffer.from(letter.body, "base64");
    if (raw !== undefined) {
      await writeNamed("--raw", raw, body, 0o600);
      console.log(visible(`${body.byteLength} bytes written to ${raw}`));
      return;
    }
    const decoded = decodeRecord(letter.signal, body);
    if (common.json === true) console.log(jsonText({ ...letter, decoded }));
    else console.log(`${describe(letter)}\n${decoded.text.split("\n").map(visible).join("\n")}`);
  });
}

export interface ChangeOptions extends Common {
  readonly all?: boolean;
  readonly since?: string;
  readonly topic?: string;
}

/** Sends records the same way again, to be judged anew. */
export function replay(ids: readonly string[], options: ChangeOptions): Promise<void> {
  return change(ids, options, (letters, some) => letters.replay(some));
}

/** Settles records without storing them. They stay in the table until its retention ends. */
export function drop(ids: readonly string[], options: Common): Promise<void> {
  return change(ids, options, (letters, some) => letters.drop(some));
}

async function change(ids: readonly string[], { all, since, topic, ...common }: ChangeOptions, act: (letters: DeadLetters, ids: readonly string[]) => Promise<LetterOutcome[]>): Promise<void> {
  if (all === true && ids.length > 0) throw new FirstfixError("bad_request", "--all and ids exclude each other", { hint: "Give ids, or --all." });
  if (all !== true && ids.length === 0) throw new FirstfixError("bad_request", "no dead letter is named", { hint: "Give ids from `firstfix dlq list`, or --all." });
  if (all !== true && (since !== undefined || topic !== undefined)) throw new FirstfixError("bad_request", "--since and --topic go with --all", { hint: "Give ids, or --all --since 1h." });
  const query = { ...(since === undefined ? {} : { sinceMs: parseSince(since, Date.now()) }), ...(topic === undefined ? {} : { topic }) };
  await withLetters(common, async (letters) => {
    const counts = new Map<LetterOutcome["outcome"], number>();
    const chosen = all === true ? await everyId(letters, query) : ids;
    for (let at = 0; at < chosen.length; at += DEAD_LETTER_LIMITS.idsAtOnce) {
      for (const outcome of await act(letters, chosen.slice(at, at + DEAD_LETTER_LIMITS.idsAtOnce))) {
        counts.set(outcome.outcome, (counts.get(outcome.outcome) ?? 0) + 1);
        console.log(common.json === true ? jsonText(outcome, 0) : visible(`${outcome.id}  ${outcome.outcome}${outcome.reason === undefined ? "" : `: ${outcome.reason}`}`));
      }
    }
    if (common.json !== true) console.log([...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ") || "No dead letters.");
    const unsettled = (["failed", "missing", "kept"] as const).some((outcome) => counts.has(outcome));
    if (unsettled) process.exitCode = 1;
  });
}

/** The ids as they are now: a record that is refused again becomes a new letter, which must not be taken again. */
async function everyId(letters: DeadLetters, query: { readonly sinceMs?: number; readonly topic?: string }): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < ALL_MAX) {
    const after = ids.at(-1);
    const page = await letters.list({ limit: DEAD_LETTER_LIMITS.listed, ...query, ...(after === undefined ? {} : { after }) });
    ids.push(...page.map(({ id }) => id));
    if (page.length < DEAD_LETTER_LIMITS.listed) break;
  }
  return ids;
}

async function withLetters(options: Common, work: (letters: DeadLetters) => Promise<void>): Promise<void> {
  const opened = await findDeadLetters(loadConfig(configFile(options.config), process.env));
  try {
    await work(opened.letters);
  } finally {
    await opened.close();
  }
}

function line({ id, atMs, topic, partition, offset, bytes, reason, replayedAtMs, dropped }: LetterSummary): string {
  const state = dropped ? "dropped  " : replayedAtMs !== null ? "replayed  " : "";
  return visible(`${id}  ${new Date(atMs).toISOString()}  ${topic}/${partition}@${offset}  ${bytes} B  ${state}${reason}`);
}

function describe({ id, atMs, topic, partition, offset, signal, key, bytes, head, reason, replayedAtMs, dropped }: Letter): string {
  const rows = { id, at: new Date(atMs).toISOString(), topic, partition, offset, signal, key, bytes, "first bytes": head, reason, replayed: replayedAtMs === null ? "no" : new Date(replayedAtMs).toISOString(), dropped: dropped ? "yes" : "no" };
  return Object.entries(rows).map(([name, value]) => visible(`${name.padEnd(12)} ${value}`)).join("\n");
}
