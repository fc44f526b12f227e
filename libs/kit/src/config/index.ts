import { closeSync, openSync, readSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { FirstfixError, messageOf } from "../errors.ts";
import { configSchema, type Config } from "./schema.ts";
import { nearestName, unknownVariables as unknownAmong, variableOf, withoutServiceLinks, type UnknownVariable } from "./variables.ts";

const FILE_BYTES_MAX = 1024 * 1024;

export type { Config, RepositoryConfig } from "./schema.ts";

/** `dotted key, default, sentence` of every configuration key, for help and docs. */
export const CONFIG_KEYS: readonly ConfigKey[] = describe(z.toJSONSchema(configSchema, { io: "input" }) as JsonSchema, "");

export interface ConfigKey {
  readonly key: string;
  /** The environment variable that overrides it. */
  readonly variable: string;
  readonly default: unknown;
  readonly allowed: string;
  readonly sentence: string;
}

/**
 * Reads `firstfix.yaml`. Without `file`, the defaults hold. Relative paths count from the file's folder.
 * Environment: `FIRSTFIX_<SECTION>_<KEY>` (upper snake case) overrides a single value, e.g. FIRSTFIX_INGEST_PORT=0.
 * Throws config.invalid with the key, the value and what is allowed.
 */
export function loadConfig(file: string | undefined, env: Readonly<Record<string, string | undefined>>): Config {
  let raw: unknown = {};
  if (file !== undefined) {
    let text: string;
    try {
      text = readBounded(file);
    } catch (cause) {
      throw new FirstfixError("config.invalid", `cannot read ${file}: ${messageOf(cause)}`, { cause, hint: "Give the path of a readable YAML file with --config." });
    }
    try {
      raw = parseYaml(text) ?? {};
    } catch (cause) {
      throw new FirstfixError("config.invalid", `${file} is not YAML: ${messageOf(cause).split("\n")[0]?.replace(/:$/, "")}`, { cause, hint: "Mend the line that the message names." });
    }
  }
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  return parseConfig(withEnvironment(raw, withoutServiceLinks(env)), base);
}

/** A pipe is read as well; a device without an end is not read until memory is. */
function readBounded(file: string): string {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let size = 0;
    for (let got = 1; got > 0 && size < bytes.length; size += got) got = readSync(handle, bytes, size, bytes.length - size, null);
    if (size > FILE_BYTES_MAX) throw new Error(`it is longer than ${FILE_BYTES_MAX} bytes`);
    return bytes.toString("utf8", 0, size);
  } finally {
    closeSync(handle);
  }
}

/** Variables that begin with FIRSTFIX_ and that nobody reads. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): UnknownVariable[] {
  return unknownAmong(env, CONFIG_KEYS.map(({ variable }) => variable));
}

/** Checks a configuration value and resolves its paths against `base`. */
export function parseConfig(raw: unknown, base: string): Config {
  const result = configSchema.safeParse(raw);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => problem(issue, raw));
    throw new FirstfixError("config.invalid", problems.join("; "), { hint: "Run `firstfix config` to see every key with its default." });
  }
  const config = result.data;
  const at = (path: string): string => resolve(base, path);
  return {
    ...config,
    data: at(config.data),
    fixer: { ...config.fixer, work: at(config.fixer.work) },
    repositories: config.repositories.map((one) => ({ ...one, path: at(one.path), dependencies: one.dependencies.map(at) })),
  };
}

function problem(issue: z.core.$ZodIssue, raw: unknown): string {
  const key = issue.path.join(".") || "(whole file)";
  if (issue.code === "unrecognized_keys") return `${[...issue.path, issue.keys[0] ?? ""].join(".")}: no such key`;
  let value = raw;
  for (const part of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
  const allowed = CONFIG_KEYS.find((one) => one.key === key)?.allowed ?? "";
  return `${key}: ${SECRET.test(key) ? "(hidden)" : (JSON.stringify(value) ?? "missing")} is not allowed (${issue.message.replace(/^Invalid input: /, "")})${allowed === "" ? "" : `; allowed: ${allowed}`}`;
}

/** What must not come to a log, however wrong it is. */
const SECRET = /^ingest\.keys(\.|$)|^bus\.saslPassword$|^store\.url$/;

function withEnvironment(raw: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  const root: Record<string, unknown> = typeof raw === "object" && raw !== null && !Array.isArray(raw) ? { ...raw } : (raw as Record<string, unknown>);
  const known = CONFIG_KEYS.map(({ variable }) => variable);
  const wrong = Object.keys(env).find((name) => SECTION_VARIABLE.test(name) && !known.includes(name));
  if (wrong !== undefined) {
    const nearest = nearestName(wrong, known);
    throw new FirstfixError("config.invalid", `${wrong}: no such key`, { hint: nearest === null ? "Run `firstfix config`: it shows the variable of every key." : `Did you mean ${nearest}? \`firstfix config\` shows the variable of every key.` });
  }
  for (const { key, variable, default: byDefault } of CONFIG_KEYS) {
    const text = env[variable];
    if (text === undefined) continue;
    const value = fromText(text, byDefault);
    const [section, leaf] = key.split(".") as [string, string | undefined];
    if (leaf === undefined) root[section] = value;
    else root[section] = { ...(root[section] as Record<string, unknown> | undefined), [leaf]: value };
  }
  return root;
}

/** Variables that can only be meant for this file; others that begin with FIRSTFIX_ are the SDK's. */
const SECTION_VARIABLE = /^FIRSTFIX_(INGEST|WRITER|BUS|STORE|ADMIN|CORRELATOR|FIXER|CONSOLE)_/;

/** A variable as the kind of value that its key has: a password of digits stays text; a list is JSON, or has commas. */
function fromText(text: string, byDefault: unknown): unknown {
  if (typeof byDefault === "string") return text;
  if (Array.isArray(byDefault)) return text.trimStart().startsWith("[") ? fromJson(text) : text.split(",").map((one) => one.trim()).filter((one) => one !== "");
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

function describe(schema: JsonSchema, prefix: string): ConfigKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const key = prefix + name;
    if (child.properties !== undefined) return describe(child, `${key}.`);
    return [{ key, variable: variableOf(key), default: child.default, allowed: allowed(child), sentence: child.description ?? "" }];
  });
}

function allowed(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.join(" | ");
  const unbounded = schema.maximum === undefined || schema.maximum >= Number.MAX_SAFE_INTEGER;
  if (schema.minimum !== undefined) return unbounded ? `${schema.type} ≥ ${schema.minimum}` : `${schema.type} ${schema.minimum}–${schema.maximum}`;
  return schema.type ?? "";
}
