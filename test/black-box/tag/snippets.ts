import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The code blocks of docs/tagging.md below a heading, by language. */
export function snippets(heading: string, language: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "../../../docs/tagging.md"), "utf8");
  const section = text.split(/^## /m).find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/tagging.md has no section ${heading}`);
  const found = [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code = ""]) => code);
  if (found.length === 0) throw new Error(`docs/tagging.md has no ${language} below ${heading}`);
  return found;
}

/** The one YAML block below a heading. */
export function yamlOf(heading: string): unknown {
  return parse(snippets(heading, "yaml")[0] ?? "");
}

/** The lines of scripts that call `firstfix tag`. */
export function tagLines(scripts: readonly string[]): string[] {
  return scripts.flatMap((script) => script.split("\n")).map((line) => line.trim()).filter((line) => line.includes("firstfix tag") && !line.startsWith("#"));
}

/** `NAME=value` lines as docker, systemd, GitHub and GitLab read them: nothing is quoted. */
export function environmentOf(file: string): Record<string, string> {
  return Object.fromEntries(file.split("\n").filter((line) => line !== "").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

/** What Kubernetes gives a container: `$(NAME)` is what envFrom, or a variable above, holds. */
export function podEnvironment(env: readonly Variable[], configMap: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  const known: Record<string, string> = Object.fromEntries(Object.entries(configMap).map(([name, value]) => [prefix + name, value]));
  for (const { name, value } of env) known[name] = value === undefined ? "shop-7d4" : value.replace(/\$\((\w+)\)/g, (whole, of: string) => known[of] ?? whole);
  return known;
}
