import { FirstfixError, loadConfig, type Config } from "@firstfix/kit";
import { ALLOWED, changesFile, changesSheet, cyclesFile, cyclesSheet, DIMENSIONS, ORDERS, renderCsv, renderMarkdown, renderTable, REPORT_LIMITS, sheetCsv, sheetMarkdown, sheetTable, trendFile, trendSheet, type ChangeReport, type CycleSpread, type Report, type Sheet, type TrendPoint } from "@firstfix/report";
import { operate } from "../operations.ts";
import { wholeNumber } from "../numbers.ts";
import { writeNamed } from "../output.ts";
import { configFile } from "../paths.ts";
import { parseSince } from "../since.ts";
import { jsonText, steerless, visible } from "../terminal.ts";

export const REPORT_FORMATS = ["table", "json", "csv", "markdown"] as const;
type Format = (typeof REPORT_FORMATS)[number];
const LIMIT_DEFAULT = "50";
const KINDS: readonly string[] = [...DIMENSIONS, "commits", "trend", "cycles"];

export interface ReportOptions {
  readonly config?: string;
  readonly since: string;
  readonly until?: string;
  readonly repo?: string;
  readonly service?: string;
  readonly env?: string;
  readonly by?: string;
  readonly order?: string;
  readonly limit?: string;
  readonly offset?: string;
  readonly search?: string;
  readonly format: string;
  readonly out?: string;
}

/** Prints one report, or writes it to a file. */
export async function report(kind: string, options: ReportOptions): Promise<void> {
  if (!KINDS.includes(kind)) throw new FirstfixError("bad_request", `there is no report ${kind}`, { hint: `One of ${KINDS.join(", ")}.` });
  const format = formatOf(options.format);
  refuseForeign(kind, options);
  oneOf("by", options.by, DIMENSIONS);
  oneOf("order", options.order, ORDERS);
  const text = await read(loadConfig(configFile(options.config), process.env), kind, options, format);
  await give(text, options.out);
}

/** An option that a report does not know would change nothing, and nobody would notice. */
function refuseForeign(kind: string, options: ReportOptions): void {
  for (const [option, of, others] of [["by", "cycles", "A report by a dimension is named by it: firstfix report team."], ["order", "commits", ""], ["limit", "commits", ""], ["offset", "commits", ""], ["search", "commits", ""]] as const) {
    if (options[option] !== undefined && kind !== of) throw new FirstfixError("bad_request", `report ${kind} takes no --${option}`, { hint: `--${option} is for firstfix report ${of}. ${others}`.trim() });
  }
}

export function formatOf(text: string): Format {
  const format = REPORT_FORMATS.find((one) => one === text);
  if (format === undefined) throw new FirstfixError("bad_request", `--format ${text} is not known`, { hint: `One of ${REPORT_FORMATS.join(", ")}.` });
  return format;
}

/** Said here by the option's name, before a store is opened. */
function oneOf(option: "by" | "order", given: string | undefined, known: readonly string[]): void {
  if (given !== undefined && !known.includes(given)) throw new FirstfixError("bad_request", `--${option} ${given} is not known`, { hint: `${option} is ${ALLOWED[option]}.` });
}

/** To standard output, or into the file. */
export async function give(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) process.stdout.write(steerless(text, process.stdout.isTTY));
  else await writeNamed("--out", out, text);
}

async function read(config: Config, kind: string, options: ReportOptions, format: Format): Promise<string> {
  const period = periodOf(options);
  if (kind === "commits") return shown(await operate<ChangeReport>(config, "report.changes", { ...period, limit: wholeNumber("--limit", options.limit ?? LIMIT_DEFAULT, 1, REPORT_LIMITS.listed), offset: wholeNumber("--offset", options.offset ?? "0", 0, REPORT_LIMITS.changes), ...(options.search === undefined ? {} : { q: options.search }), order: options.order ?? "incidents" }), changesSheet, changesFile, format);
  if (kind === "trend") return shown(await operate<readonly TrendPoint[]>(config, "report.trend", period), trendSheet, trendFile, format);
  if (kind === "cycles") return shown(await operate<readonly CycleSpread[]>(config, "report.cycles", { by: options.by ?? "assistant", ...period }), cyclesSheet, cyclesFile, format);
  const found = await operate<Report>(config, "report", { by: kind, ...period });
  noteUnseen(found, options);
  if (format === "json") return json(found);
  return format === "csv" ? renderCsv(found) : format === "markdown" ? renderMarkdown(found) : renderTable(found, terminal());
}

/** A name that was written wrongly selects nothing, which looks like a place where nothing happened. */
function noteUnseen({ total: { size } }: Report, { repo, service, env }: ReportOptions): void {
  const filters = Object.entries({ repo, service, env }).filter(([, value]) => value !== undefined).map(([name, value]) => `--${name} ${value ?? ""}`);
  if (filters.length > 0 && size.changes === 0 && size.deployed === 0) console.error(visible(`note: nothing was written or deployed with ${filters.join(" ")} in this period; firstfix repo list shows the repositories and services that telemetry names.`));
}

/** `sheet` is for reading, `exact` for a file that a program reads. */
function shown<T>(found: T, sheet: (found: T) => Sheet, exact: (found: T) => Sheet, format: Format): string {
  if (format === "json") return json(found);
  return format === "csv" ? sheetCsv(exact(found)) : format === "markdown" ? sheetMarkdown(sheet(found)) : sheetTable(sheet(found), terminal().width);
}

function json(value: unknown): string {
  return `${jsonText(value)}\n`;
}

function terminal(): { readonly width: number } {
  return { width: Math.min(240, Math.max(60, process.stdout.columns ?? 120)) };
}

function periodOf({ since, until, repo, service, env }: ReportOptions): object {
  const now = Date.now();
  return {
    ...(since === "all" ? {} : { since: parseSince(since, now) }),
    ...(until === undefined ? {} : { until: parseSince(until, now, "--until") }),
    ...(repo === undefined ? {} : { repository: repo }),
    ...(service === undefined ? {} : { service }),
    ...(env === undefined ? {} : { environment: env }),
  };
}
