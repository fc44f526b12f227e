import { FirstfixError } from "@firstfix/kit";
import { ALLOWED, AUTHORS, changesFile, changesSheet, DIMENSIONS, ORDERS, readChanges, readCycles, readReport, readTrend, renderCsv, renderMarkdown, REPORT_LIMITS, sheetCsv, sheetMarkdown } from "@firstfix/report";
import { Hono, type Context } from "hono";
import { z } from "zod";
import { changeDetail } from "./changes.ts";
import type { ConsoleDeps } from "./deps.ts";
import type { ReportChoices } from "./payload.ts";
import { reportPlaces } from "./places.ts";

const LISTED_DEFAULT = 500;
const NAME_CHARACTERS = 2000;
const FORMATS = ["json", "csv", "markdown"] as const;

const time = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .refine((ms) => ms <= 8.64e15)
  .exactOptional();
const name = z.string().max(NAME_CHARACTERS).exactOptional();
const period = { since: time, until: time, repository: name, service: name, environment: name };
const format = z.enum(FORMATS).default("json");
const limit = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .refine((many) => many >= 1 && many <= REPORT_LIMITS.listed)
  .default(LISTED_DEFAULT);

const offset = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
  .refine((many) => many <= REPORT_LIMITS.changes)
  .default(0);
const reverse = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");
const sought = { q: z.string().max(REPORT_LIMITS.searchCharacters).exactOptional(), author: z.enum(AUTHORS).exactOptional() };

const queries = {
  report: z.strictObject({ by: z.enum(DIMENSIONS).default("assistant"), ...period, format }),
  changes: z.strictObject({ ...period, ...sought, limit, offset, order: z.enum(ORDERS).default("incidents"), reverse, format }),
  change: z.strictObject({ repository: name }),
  trend: z.strictObject(period),
  cycles: z.strictObject({ by: z.enum(DIMENSIONS).default("assistant"), ...period }),
};

/** What each key takes, for whoever got it wrong. */
const KEYS: Readonly<Record<string, string>> = { ...ALLOWED, format: `one of ${FORMATS.join(", ")}` };

/** Reports by @firstfix/report, for `/api/reports`: as JSON for the pages, and whole as files. */
export function reportRoutes({ store, journal }: ConsoleDeps): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const { format: as, ...query } = checked(context, queries.report);
    const report = await readReport(store, journal.state, query, Date.now());
    if (as === "csv") return file(context, renderCsv(report), `report-by-${query.by}.csv`);
    if (as === "markdown") return file(context, renderMarkdown(report), `report-by-${query.by}.md`);
    return context.json(report);
  });
  app.get("/changes", async (context) => {
    const { format: as, ...query } = checked(context, queries.changes);
    const report = await readChanges(store, journal.state, query, Date.now());
    if (as === "csv") return file(context, sheetCsv(changesFile(report)), "changes.csv");
    if (as === "markdown") return file(context, sheetMarkdown(changesSheet(report)), "changes.md");
    return context.json(report);
  });
  app.get("/changes/:commit", async (context) => {
    const commit = context.req.param("commit").toLowerCase();
    if (!/^[0-9a-f]{4,64}$/.test(commit)) throw new FirstfixError("bad_request", "a commit's id is 40 or 64 hex digits, and 4 or more of them name it", { hint: "Copy the id from the list of changes or from git log." });
    return context.json(await changeDetail(store, journal.state, commit, checked(context, queries.change).repository));
  });
  app.get("/trend", async (context) => context.json(await readTrend(store, journal.state, checked(context, queries.trend), Date.now())));
  app.get("/cycles", async (context) => context.json(await readCycles(store, journal.state, checked(context, queries.cycles), Date.now())));
  app.get("/places", async (context) => context.json((await reportPlaces(store)) satisfies ReportChoices));
  return app;
}

function checked<T>(context: Context, schema: z.ZodType<T> & { readonly shape: object }): T {
  const given = context.req.queries();
  const twice = Object.keys(given).find((key) => (given[key]?.length ?? 0) > 1);
  const read = twice === undefined ? schema.safeParse(context.req.query()) : null;
  if (read?.success === true) return read.data;
  const issue = read?.error.issues[0];
  const key = twice ?? String((issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0]) ?? "the query").slice(0, 80);
  const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  const hint = known === undefined || issue?.code === "unrecognized_keys" ? `It takes ${Object.keys(schema.shape).join(", ")}.` : `${key} is ${known}${twice === undefined ? "" : ", once"}.`;
  throw new FirstfixError("bad_request", `${key} is not allowed here`, { hint });
}

function file(context: Context, text: string, fileName: string): Response {
  const type = fileName.endsWith(".csv") ? "text/csv" : "text/markdown";
  return context.body(text, 200, { "content-type": `${type}; charset=utf-8`, "content-disposition": `attachment; filename="firstfix-${fileName}"` });
}
