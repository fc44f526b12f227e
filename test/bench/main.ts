import { FirstfixError, messageOf } from "@firstfix/kit";

/** `npm run bench -- NAME`: each prints what it measured, and one JSON object as its last line. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: (args: readonly string[]) => Promise<Record<string, unknown>> }>>> = {
  ingest: () => import("./ingest.ts"),
  query: () => import("./query.ts"),
  columns: () => import("./columns.ts"),
  attribution: () => import("./attribution/index.ts"),
};

try {
  const name = process.argv[2] ?? "";
  const load = BENCHES[name];
  if (load === undefined) throw new FirstfixError("bad_request", `there is no benchmark “${name}”`, { hint: `npm run bench -- ${Object.keys(BENCHES).join("|")}` });
  const { bench } = await load();
  console.log(JSON.stringify(await bench(process.argv.slice(3))));
  // The embedded engine may keep the process open after closing.
  process.exit(0);
} catch (error) {
  console.error(`bench: ${messageOf(error)}${error instanceof FirstfixError && error.hint !== undefined ? `\n  hint: ${error.hint}` : ""}`);
  process.exit(1);
}
