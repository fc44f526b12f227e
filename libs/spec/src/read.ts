import { readBindings } from "./bindings.ts";
import { markdownOf } from "./kiro/document.ts";
import { withFiles } from "./kiro/links.ts";
import { readRequirements } from "./kiro/requirements.ts";
import type { Check, Requirement, SpecFile, SpecProblem, SpecSet } from "./types.ts";

/**
 * Reads the spec documents and bindings of one service at one revision. Pure, and never throws on their content: what
 * cannot be read is a problem with its place, and everything else still works. Files with other names are left alone.
 */
export function readSpecs(files: readonly SpecFile[], service: string): SpecSet {
  const requirements: Requirement[] = [];
  const checks: Check[] = [];
  const problems: SpecProblem[] = [];
  const folders = Map.groupBy(files.filter((file) => KNOWN.test(file.path)), (file) => file.path.slice(0, file.path.lastIndexOf("/") + 1));
  for (const folder of [...folders.keys()].sort()) {
    const feature = readFeature(folders.get(folder) ?? [], problems);
    requirements.push(...feature.requirements);
    for (const file of feature.bindings) checks.push(...readBindings(file, feature.requirements, service, problems));
  }
  return { requirements, checks: distinctChecks(checks, problems), problems };
}

const KNOWN = /(?:^|\/)(?:requirements|bugfix|tasks|design)\.md$|(?:^|\/)bindings\.ya?ml$/u;

interface Feature {
  readonly requirements: readonly Requirement[];
  readonly bindings: readonly SpecFile[];
}

/** One folder. requirements.md comes before bugfix.md, so that an id which both have means the former. */
function readFeature(files: readonly SpecFile[], problems: SpecProblem[]): Feature {
  const named = (name: string): SpecFile[] => files.filter((file) => file.path.slice(file.path.lastIndexOf("/") + 1) === name);
  const documents = (name: string) => named(name).flatMap((file) => markdownOf(file, problems) ?? []);
  const requirements = [...documents("requirements.md"), ...documents("bugfix.md")].flatMap((document) => readRequirements(document, problems));
  const linking = [...documents("tasks.md"), ...documents("design.md")];
  return { requirements: withFiles(requirements, linking), bindings: [...named("bindings.yaml"), ...named("bindings.yml")] };
}

/** Two bindings that say the same of the same requirement would be counted as one check: the second is a mistake. */
function distinctChecks(checks: readonly Check[], problems: SpecProblem[]): Check[] {
  const byKey = new Map<string, Check>();
  for (const check of checks) {
    const first = byKey.get(check.key);
    if (first === undefined) byKey.set(check.key, check);
    else problems.push({ file: check.file, line: check.line, message: `\`${check.name}\` says the same as \`${first.name}\` (line ${first.line})`, hint: "Remove one of the two." });
  }
  return [...byKey.values()];
}
