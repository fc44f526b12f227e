import { SPEC_LIMITS } from "../limits.ts";
import type { Requirement } from "../types.ts";
import type { MarkdownDocument } from "./document.ts";

/**
 * Which files the authors tie to which requirement. A task or a property is a block of lines; it cites requirements by
 *   tasks.md:   _Requirements: 1.1, 2.3_
 *   design.md:  **Validates: Requirements 4.2, 4.3**
 * and every source file that the block names belongs to the requirements that it cites. `1` cites all of 1.x.
 */
export function withFiles(requirements: readonly Requirement[], documents: readonly MarkdownDocument[]): Requirement[] {
  const links = documents.flatMap((document) => blocksOf(document.lines).flatMap(linksOf));
  return requirements.map((requirement) => {
    const files = links.flatMap((link) => (cites(link.ids, requirement.id) ? link.files : []));
    return { ...requirement, files: [...new Set(files)].slice(0, SPEC_LIMITS.filesPerRequirement) };
  });
}

interface Link {
  readonly ids: readonly string[];
  readonly files: readonly string[];
}

const BLOCK_START = /^\s*(?:[-*+]\s+\[[ xX~-]?\]|#{1,6}\s|\*\*Property\s)/u;
const CITES = /(?:^|[\s_*(])(?:Validates:[ \t]*)?Requirements?[ \t]*(?:[:：][ \t]*)?((?:\d{1,6}(?:\.\d{1,6})?(?:[ \t]*(?:,|and|&)[ \t]*)?)+)/giu;
/** A path of a source file: at least a name with a known extension, and no URL. */
const FILE = /(?<![\w./:@-])((?:[\w@.-]{1,100}\/){0,20}[\w@.-]{1,100}\.(?:[cm]?[jt]sx?|py|java|kt|go|rb|rs|cs|php|scala|sql|vue|svelte))(?![\w/])/gu;

function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[][] = [];
  for (const line of lines) {
    if (BLOCK_START.test(line) || blocks.length === 0) blocks.push([]);
    blocks.at(-1)?.push(line.slice(0, SPEC_LIMITS.requirementTextChars));
  }
  return blocks.map((block) => block.join("\n"));
}

function linksOf(block: string): Link[] {
  const ids = [...block.matchAll(CITES)].flatMap((match) => [...(match[1] ?? "").matchAll(/\d+(?:\.\d+)?/gu)].map((id) => id[0]));
  if (ids.length === 0) return [];
  const files = [...block.matchAll(FILE)].map((match) => (match[1] ?? "").replace(/^(?:\.\/)+/u, "")).filter((path) => !path.split("/").includes(".."));
  return files.length === 0 ? [] : [{ ids, files }];
}

function cites(ids: readonly string[], id: string): boolean {
  return ids.some((cited) => cited === id || (!cited.includes(".") && id.startsWith(`${cited}.`)));
}
