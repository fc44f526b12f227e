import type { Fault, FaultKind } from "./faults.ts";
import { indentAt, insert } from "./innocent.ts";
import type { Random } from "../../random.ts";
import { linesOf, type Fn, type Line, type Tree } from "./tree.ts";

/** Faults that come from outside of the code that fails, or whose error says so. */

const HOSTS = ["db.internal", "orders-db", "cache.internal", "billing.svc", "search-01"] as const;
const ERRORS: readonly Fault["error"][] = [
  { type: "Error", message: "connect ECONNREFUSED 10.0.0.5:5432" },
  { type: "Error", message: "getaddrinfo ENOTFOUND db.internal" },
  { type: "Error", message: "getaddrinfo EAI_AGAIN cache.internal" },
  { type: "Error", message: "connect ETIMEDOUT 10.0.0.9:443" },
  { type: "Error", message: "ENOSPC: no space left on device, write" },
  { type: "TypeError", message: "fetch failed" },
  { type: "AxiosError", message: "Request failed with status code 503" },
  { type: "HTTPError", message: "Response code 502 (Bad Gateway)" },
  { type: "Error", message: "429 Too Many Requests" },
  { type: "Error", message: "certificate has expired" },
  { type: "DatabaseError", message: "the database system is starting up" },
  { type: "DatabaseError", message: "remaining connection slots are reserved for non-replication superuser connections" },
  { type: "Error", message: "Connection terminated: read ECONNRESET" },
];

/** Something outside fails, and the same deployment carries a harmless change of the very function. */
export const outage: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const failing = insertIn(tree, fn, `const answer = require('./upstream').ask(${JSON.stringify(fn.name)})`);
  if (failing === null) return null;
  tree.files.set("src/upstream.js", linesOf("'use strict'\n\nmodule.exports.ask = (name) => globalThis.link.send(name)\n"));
  const way = random.pick(["line", "before", "guard"]);
  return {
    failing,
    error: random.pick(ERRORS),
    plant: (now) => {
      const at = now.find(failing);
      if (at === null) return;
      const indent = indentAt(now, at.path, at.line - 1);
      if (way === "line") failing.text = failing.text.replace(/\.ask\((.*)\)$/, (_, given: string) => `.ask(String(${given}))`);
      else insert(now, at.path, at.line - 1, way === "before" ? [`${indent}const begun = Date.now()`] : [`${indent}if (process.exitCode === 3) return undefined`]);
    },
  };
};

/** The error reads like an outage, and a commit is why: it changed where, or for how long, the code connects. */
export const connection: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const place = random.pick(["config", "constant", "inline"]);
  const port = random.pick([5432, 6379, 8080, 9200]);
  const settings = { host: random.pick(HOSTS), port, connectTimeoutMs: random.between(20, 90) * 100, poolSize: random.between(5, 40) };
  const group = random.pick(["database", "cache", "search"]);
  const inline = (): string => `{ host: '${settings.host}', port: ${settings.port}, connectTimeoutMs: ${settings.connectTimeoutMs} }`;
  const config = (now: Tree): void => void now.files.set("config/default.json", linesOf(`${JSON.stringify({ mail: { sender: "shop", retries: 3 }, [group]: settings, audit: { enabled: true, keepDays: 30 } }, null, 2)}\n`));
  const line = insertIn(tree, fn, `const socket = require('net').connect(${place === "config" ? `require('./settings').${group}` : place === "constant" ? "UPSTREAM" : inline()})`);
  if (line === null) return null;
  const constant = place === "constant" ? { text: `const UPSTREAM = ${inline()}` } : null;
  if (constant !== null) tree.lines(fn.path).push(constant);
  if (place === "config") {
    tree.files.set("src/settings.js", linesOf("'use strict'\n\nmodule.exports = require('../config/default.json')\n"));
    config(tree);
  }
  if (!tree.parses(fn.path)) return null;
  const wrong = random.pick(["host", "port", "timeout"]);
  const next = { ...settings, ...(wrong === "host" ? { host: `${settings.host.split(".")[0]}-2` } : wrong === "port" ? { port: port + random.between(1, 9) } : { connectTimeoutMs: random.between(1, 9) }) };
  const message = wrong === "host" ? `getaddrinfo ENOTFOUND ${next.host}` : wrong === "port" ? `connect ECONNREFUSED 10.0.0.5:${next.port}` : `connect ETIMEDOUT 10.0.0.5:${port}`;
  return {
    failing: line,
    error: { type: "Error", message },
    plant: (now) => {
      const was = inline();
      Object.assign(settings, next);
      if (place === "config") config(now);
      else for (const one of [constant ?? line]) one.text = one.text.replace(was, inline());
    },
  };
};

/** A package that the failing line uses gets another version, in the lock file alone or in both. */
export const dependency: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const [name, other] = random.shuffled(PACKAGES) as [string, string];
  const used = new Packages(random);
  const { bound, method, failing } = useIn(tree, random, fn, name);
  if (failing === null) return null;
  used.write(tree);
  if (!tree.parses(fn.path)) return null;
  const within = random.chance(0.5);
  const onlyLock = random.chance(0.4);
  return {
    failing,
    error: { type: "TypeError", message: within ? "Cannot read properties of undefined (reading 'length')" : `${bound}.${method} is not a function` },
    ...(within ? { above: [`    at Object.${method} (/app/node_modules/${name}/index.js:${random.between(5, 90)}:11)`] } : {}),
    // Another package is moved as well, without harm.
    ...(random.chance(0.6) ? { carry: (now: Tree): string => {
      used.exchange(now, other);
      return `Bump ${other}`;
    } } : {}),
    plant: (now) => used.exchange(now, name, onlyLock),
  };
};

/** A package that the failing line uses throws within a package of its own, which gets another version in the lock file. */
export const nestedPackage: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const [name, other] = random.shuffled(PACKAGES) as [string, string];
  const inner = random.pick(["widen", "@tools/trim", "left-fill"]);
  const used = new Packages(random, { [inner]: random.chance(0.5) ? `${name}/node_modules/` : "" });
  const { method, failing } = useIn(tree, random, fn, name);
  if (failing === null) return null;
  used.write(tree);
  if (!tree.parses(fn.path)) return null;
  // The very package that the line uses may be moved as well, without harm.
  const moved = random.pick([name, name, other, null]);
  return {
    failing,
    error: { type: "TypeError", message: random.pick(["Cannot read properties of undefined (reading 'length')", "text.at is not a function", "Expected a whole number"]) },
    above: [`    at ${random.pick(["fill", "cut", "Object.<anonymous>"])} (/app/node_modules/${used.folder(inner)}/lib/index.js:${random.between(5, 90)}:17)`, `    at Object.${method} (/app/node_modules/${name}/index.js:${random.between(5, 90)}:11)`],
    ...(moved === null ? {} : { carry: (now: Tree): string => {
      used.exchange(now, moved);
      return `Bump ${moved}`;
    } }),
    plant: (now) => used.exchange(now, inner, true),
  };
};

const PACKAGES = ["textkit", "slug-tools", "moneybag", "daywise", "listless"] as const;

/** What package.json asks for and the lock file holds. `inner`: packages that only others ask for, and the folder below node_modules where each lies. */
class Packages {
  readonly #random: Random;
  readonly #versions: Record<string, string>;
  readonly #asked: Record<string, string>;
  readonly #inner: Readonly<Record<string, string>>;

  constructor(random: Random, inner: Readonly<Record<string, string>> = {}) {
    const some = (names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((one) => [one, `${random.between(1, 6)}.${random.between(0, 9)}.${random.between(0, 9)}`]));
    this.#random = random;
    this.#asked = some(PACKAGES);
    this.#versions = { ...this.#asked, ...some(Object.keys(inner)) };
    this.#inner = inner;
  }

  folder(name: string): string {
    return `${this.#inner[name] ?? ""}${name}`;
  }

  /** Another version, in the lock file alone or in both. */
  exchange(now: Tree, name: string, onlyLock = false): void {
    const version = next(this.#versions[name] ?? "1.0.0", this.#random);
    this.#versions[name] = version;
    if (!onlyLock) this.#asked[name] = version;
    this.write(now);
  }

  write(now: Tree): void {
    const packages = Object.fromEntries(Object.entries(this.#versions).map(([one, version]) => [`node_modules/${this.folder(one)}`, { version, resolved: `https://registry.example/${one}/-/${one}-${version}.tgz`, license: "MIT" }]));
    const ranges = Object.fromEntries(Object.entries(this.#asked).map(([one, version]) => [one, `^${version}`]));
    now.files.set("package.json", linesOf(`${JSON.stringify({ name: "service", private: true, dependencies: ranges }, null, 2)}\n`));
    now.files.set("package-lock.json", linesOf(`${JSON.stringify({ name: "service", lockfileVersion: 3, packages: { "": { name: "service", dependencies: ranges }, ...packages } }, null, 2)}\n`));
  }
}

/** Imports the package and calls it in the function. */
function useIn(tree: Tree, random: Random, fn: Fn, name: string): { readonly bound: string; readonly method: string; readonly failing: Line | null } {
  const bound = name.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase());
  const method = random.pick(["format", "parse", "clean", "collect"]);
  const failing = insertIn(tree, fn, `const shaped = ${bound}.${method}(${JSON.stringify(fn.name)})`);
  if (failing !== null) insert(tree, fn.path, headOf(tree, fn.path), [`const ${bound} = require('${name}')`]);
  return { bound, method, failing };
}

/** A migration takes away what a query of old names. */
export const migration: FaultKind = (tree, random) => {
  const fn = random.pick(tree.all());
  const [table, other] = random.shuffled(["accounts", "shipments", "invoices", "coupons"]) as [string, string];
  const column = random.pick(["plan_code", "carrier", "due_on", "owner_id"]);
  const failing = insertIn(tree, fn, `const rows = require('./store').query('SELECT id, ${column} FROM ${table} WHERE id = $1')`);
  if (failing === null) return null;
  tree.files.set("src/store.js", linesOf("'use strict'\n\nmodule.exports.query = (text) => globalThis.pool.query(text)\n"));
  tree.files.set("migrations/0001_start.sql", linesOf(`CREATE TABLE ${table} (id bigint PRIMARY KEY, ${column} text);\nCREATE TABLE ${other} (id bigint PRIMARY KEY, note text);\n`));
  const wrong = random.pick(["rename", "drop", "table"]);
  const text = wrong === "rename" ? `ALTER TABLE ${table} RENAME COLUMN ${column} TO ${column}_new;` : wrong === "drop" ? `ALTER TABLE ${table}\n  DROP COLUMN ${column};` : `ALTER TABLE ${table} RENAME TO ${table}_old;`;
  return {
    failing,
    error: { type: "DatabaseError", message: wrong === "table" ? `relation "${table}" does not exist` : `column "${column}" does not exist` },
    carry: (now) => {
      now.files.set("migrations/0003_more.sql", linesOf(`${random.pick([`CREATE INDEX ${other}_note ON ${other} (note);`, `ALTER TABLE ${other} ADD COLUMN kind text;`])}\n`));
      return `Migrate ${other}`;
    },
    plant: (now) => now.files.set("migrations/0002_next.sql", linesOf(`${text}\n`)),
  };
};

/** As a statement of its own; null where the file no longer parses then. */
function insertIn(tree: Tree, fn: Fn, code: string): Line | null {
  const at = fn.statements[0] ?? fn.from + 1;
  const [line] = insert(tree, fn.path, at, [`${indentAt(tree, fn.path, at)}${code}`]);
  return line === undefined || !tree.parses(fn.path) || tree.holding(line) === null ? null : line;
}

/** Behind "use strict" and the comments before it. */
function headOf(tree: Tree, path: string): number {
  return tree.lines(path).findIndex(({ text }) => /^['"]use strict['"]/.test(text)) + 1;
}

function next(version: string, random: Random): string {
  const [major = "1", minor = "0"] = version.split(".");
  return random.chance(0.5) ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`;
}
