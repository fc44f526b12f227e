import { readFileSync } from "node:fs";

const FOLDER = new URL("../sql/", import.meta.url);
const cache = new Map<string, string>();

/** Text of a file below sql/, without its `--` comment lines. */
export function sqlFile(name: string): string {
  let text = cache.get(name);
  if (text === undefined) {
    text = withoutComments(readFileSync(new URL(name, FOLDER), "utf8"));
    cache.set(name, text);
  }
  return text;
}

/**
 * A template filled in: `{{name}}` takes values[name] or else the text of sql/macro/name.sql, and `{{name expression}}`
 * that text with the expression in place of `$1`; a macro may use others. Values are SQL text: whoever passes them has made them safe.
 */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)(?: ([^{}]+))?\}\}/g, (_, name: string, argument: string | undefined) => {
    const value = values[name];
    if (value !== undefined) return value;
    return fill(sqlFile(`macro/${name}.sql`).trim().replaceAll("$1", () => argument ?? ""), values);
  });
}

/** Whole-line comments only: a `--` later in a line might stand in a text literal. */
export function withoutComments(sql: string): string {
  return sql.replace(/^[ \t]*--.*\n?/gm, "");
}
