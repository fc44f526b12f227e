import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Random } from "../../random.ts";

/** Dependencies of this repository whose sources are readable and permissively licensed, with the folder that holds them. */
const PACKAGES: readonly (readonly [name: string, folder: string])[] = [
  ["kafkajs", "src"],
  ["protobufjs", "src"],
  ["prom-client", "lib"],
  ["commander", "lib"],
  ["pino", "lib"],
  ["yaml", "dist"],
  ["qs", "lib"],
  ["express", "lib"],
];
const LINES_MIN = 30;
const LINES_MAX = 900;
const FILES_MAX = 24;

export interface SourceTree {
  readonly name: string;
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>;
}

/** Every tree, with the files that have functions worth the name. */
export function loadSources(): SourceTree[] {
  const require = createRequire(import.meta.url);
  return PACKAGES.map(([name, folder]) => {
    const root = rootOf(require, name);
    const files = new Map<string, string>();
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).sort()) {
      if (!entry.endsWith(".js") || /(?:^|\/)(?:__tests__|fixtures|test)\//.test(entry) || /\.(?:spec|test|min)\.js$/.test(entry)) continue;
      const text = readFileSync(join(root, folder, entry), "utf8").replaceAll("\r\n", "\n");
      const lines = text.split("\n").length;
      if (lines >= LINES_MIN && lines <= LINES_MAX) files.set(`src/${entry}`, text);
    }
    return { name, files };
  });
}

/** A part of a tree that is small enough to lay hundreds of histories of it. */
export function someFiles(tree: SourceTree, random: Random): Map<string, string> {
  return new Map(random.shuffled([...tree.files]).slice(0, FILES_MAX).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rootOf(require: NodeJS.Require, name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const manifest = join(folder, name, "package.json");
    try {
      readFileSync(manifest);
      return dirname(manifest);
    } catch {
      // Not in this node_modules; the next one outwards.
    }
  }
  throw new Error(`${name} is not installed: npm ci`);
}
