import type { SuspicionPart } from "../types.ts";
import type { Candidate } from "./candidates.ts";
import { MOST, round } from "./score.ts";

const MESSAGE_MAX = 4_000;
const NAMES_MAX = 10;
const MIGRATES = /\.sql$|(?:^|\/)(?:migrations?|migrate|alembic|flyway|liquibase|changelogs?)\/|\.prisma$|(?:^|\/)schema\.(?:rb|sql|py|[cm]?[jt]s)$/i;
const ALTERS = /\b(?:drop|rename|alter|modify|change|remove|add constraint|not null|unique|check|references|type|rename_?column|remove_?column|drop_?column|drop_?table)\b/i;
/** Shares of MOST.code: a line that takes away or alters what the error names, and one that only mentions it. */
const ALTERED = 1;
const MENTIONED = 0.5;

/**
 * What databases say of a table, a column or a constraint that is not as the query has it. Sources: PostgreSQL's messages
 * of classes 23 and 42, MySQL's ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE, ER_NO_DEFAULT_FOR_FIELD and ER_DATA_TOO_LONG,
 * SQLite's parser, SQL Server's 207 and 208, Oracle's ORA-00904 and ORA-00942 (which names nothing).
 */
const SAYS = /\b(?:column|relation|table|constraint|index|view|function|field|object)(?: name)?\s+(?!list\b)["'`]?([\w.]{2,120})["'`]?(?:\s+of relation\s+["'`]?([\w.]{2,120})["'`]?)?|\bno such (?:column|table): ([\w.]{2,120})|\bNOT NULL constraint failed: ([\w.]{2,120})|\bORA-00904: "?([\w.]{2,120})/gi;
const FAILS = /\bdoes not exist\b|\bdoesn't (?:exist|have a default)\b|\bunknown column\b|\bno such (?:column|table)\b|\bhas no column named\b|\bviolates\b|\bconstraint failed\b|\binvalid (?:column|object) name\b|\bORA-009\d\d\b|\bdata too long\b|\bof type\b|\balready exists\b/i;

/** Tables, columns and constraints that the error of a database names. */
export function schemaNames(message: string): string[] {
  const text = message.slice(0, MESSAGE_MAX);
  if (!FAILS.test(text)) return [];
  const names = [...text.matchAll(SAYS)].flatMap((match) => match.slice(1)).filter((name) => name !== undefined);
  return [...new Set(names.map((name) => name.split(".").at(-1) ?? "").filter((name) => name.length >= 2 && !/^(?:name|named|of|in|does|doesn|failed|with|the|is)$/i.test(name)))].slice(0, NAMES_MAX);
}

/** Evidence from migrations: one changes what the error of the database names. */
export function schemaPart({ edits }: Candidate, names: readonly string[]): SuspicionPart | null {
  let best: { readonly share: number; readonly name: string; readonly path: string; readonly line: number } | null = null;
  for (const edit of names.length === 0 ? [] : edits.filter((one) => MIGRATES.test(one.path))) {
    const name = names.find((one) => new RegExp(`(?<![\\w$])${one}(?![\\w$])`, "i").test(edit.code.slice(0, MESSAGE_MAX)));
    const share = name === undefined ? 0 : Math.min(1, edit.weight) * (ALTERS.test(edit.code) ? ALTERED : MENTIONED);
    if (name !== undefined && share > (best?.share ?? 0)) best = { share, name, path: edit.badPath, line: edit.badLine };
  }
  if (best === null) return null;
  return { kind: "file", score: round(MOST.code * best.share), says: `Changes ${best.name} in ${best.path}, which the error names.`, places: [{ path: best.path, line: best.line }] };
}
