import { EMPTY_STATE, fold, type JournalState } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { ALLOWED, AUTHORS, DIMENSIONS, ORDERS, readChanges, readCycles, readHistory, readReport, readTrend, REPORT_LIMITS } from "@firstfix/report";
import { journalEvents, type Store } from "@firstfix/store";
import { z } from "zod";
import type { Operation, Operations } from "./api.ts";

const NAME_CHARACTERS = 2_000;
const PATHS_MAX = 2_000;

const time = z.number().int().min(0).max(8.64e15).exactOptional();
const name = z.string().max(NAME_CHARACTERS).exactOptional();
const PERIOD = { since: time, until: time, repository: name, service: name, environment: name };
const QUERY = z.strictObject({ by: z.enum(DIMENSIONS), ...PERIOD });
const WITHOUT_BY = z.strictObject(PERIOD);
const SOUGHT = { q: z.string().max(REPORT_LIMITS.searchCharacters).exactOptional(), author: z.enum(AUTHORS).exactOptional() };
const CHANGES = z.strictObject({ ...PERIOD, ...SOUGHT, limit: z.number().int().min(1).max(REPORT_LIMITS.listed), offset: z.number().int().min(0).max(REPORT_LIMITS.changes).exactOptional(), order: z.enum(ORDERS), reverse: z.boolean().exactOptional() });
const HISTORY = z.strictObject({ repository: name, paths: z.array(z.string().max(4_096)).max(PATHS_MAX) });

/** Reports for the command line, on the journal as it is now. */
export function reportOperations(store: Store): Operations {
  return {
    report: on(QUERY, async (query) => readReport(store, await stateOf(store), query, Date.now())),
    "report.changes": on(CHANGES, async (query) => readChanges(store, await stateOf(store), query, Date.now())),
    "report.trend": on(WITHOUT_BY, async (query) => readTrend(store, await stateOf(store), query, Date.now())),
    "report.cycles": on(QUERY, async (query) => readCycles(store, await stateOf(store), query, Date.now())),
    "report.history": on(HISTORY, async (query) => readHistory(store, await stateOf(store), query)),
  };
}

async function stateOf(store: Store): Promise<JournalState> {
  return fold(EMPTY_STATE, journalEvents(await store.journal.read()));
}

function on<T>(schema: z.ZodType<T>, work: (query: T) => Promise<unknown>): Operation {
  return async (input) => {
    const read = schema.safeParse(input);
    if (!read.success) throw new FirstfixError("bad_request", read.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`).join("; "), { hint: hintOf(read.error.issues) });
    return await work(read.data);
  };
}

/** What the keys that are wrong take. */
function hintOf(issues: readonly z.core.$ZodIssue[]): string {
  const keys = [...new Set(issues.map((issue) => String(issue.path[0] ?? "")))].filter((key) => Object.hasOwn(ALLOWED, key));
  return keys.length === 0 ? `It takes ${Object.keys(ALLOWED).join(", ")}.` : `${keys.map((key) => `${key} is ${ALLOWED[key]}`).join("; ")}.`;
}
