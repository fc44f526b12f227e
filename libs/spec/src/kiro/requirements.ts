import { stableId } from "@firstfix/kit";
import { SPEC_LIMITS } from "../limits.ts";
import type { Requirement, SpecProblem } from "../types.ts";
import { inlineText, type MarkdownDocument } from "./document.ts";
import { parseEars } from "./ears.ts";

/**
 * requirements.md:                               bugfix.md:
 *   ### Requirement 1: Title     (title optional)  ### Current Behavior (Defect)               1.x, what is wrong: no requirement
 *   **User Story:** …                              ### Expected Behavior (Correct)              2.x
 *   #### Acceptance Criteria                       ### Unchanged Behavior (Regression …)        3.x
 *   1. WHEN …, THE System SHALL …   → id 1.1       2.1 WHEN … THEN the system SHALL …
 *
 * Ids are positional. A list whose items all say `1.` is counted as Markdown renders it.
 */
export function readRequirements(document: MarkdownDocument, problems: SpecProblem[]): Requirement[] {
  const found: Requirement[] = [];
  const ids = new Map<string, number>();
  const texts = new Map<string, number>();
  for (const item of itemsOf(document)) {
    const { path } = document.file;
    const first = ids.get(item.id);
    if (first !== undefined) {
      problems.push({ file: path, line: item.line, message: `requirement ${item.id} is there twice (first on line ${first})`, hint: "Number the headings and criteria anew; bindings mean the first." });
      continue;
    }
    if (found.length >= SPEC_LIMITS.requirementsPerFile) {
      problems.push({ file: path, line: item.line, message: `more than ${SPEC_LIMITS.requirementsPerFile} requirements; the rest is not read`, hint: "Split the feature." });
      break;
    }
    ids.set(item.id, item.line);
    const text = inlineText(item.text, SPEC_LIMITS.requirementTextChars);
    const normalised = text.toLowerCase();
    const nth = texts.get(normalised) ?? 0;
    texts.set(normalised, nth + 1);
    // The key does not hold the id, which shifts when a criterion is put in above; nth parts equal sentences.
    const key = stableId("req", "kiro", path, normalised, ...(nth === 0 ? [] : [String(nth)]));
    found.push({ key, format: "kiro", id: item.id, title: item.title, text, ears: parseEars(text), file: path, line: item.line, blob: document.file.blob, files: [] });
  }
  return found;
}

interface Item {
  readonly id: string;
  readonly title: string;
  readonly line: number;
  text: string;
}

const HEADING = /^ {0,3}(#{1,6})\s(.*)$/u;
const REQUIREMENT = /^Requirement\s+(\d{1,6})\s*(?:[:：.–—-]\s*(.*))?$/iu;
const CRITERIA = /^Acceptance Criteria\b/iu;
const CRITERIA_BOLD = /^ {0,3}\*\*Acceptance Criteria\b/iu;
const BUGFIX = [/^Current Behaviou?r\b/iu, /^Expected Behaviou?r\b/iu, /^Unchanged Behaviou?r\b/iu];
/** `1. text`, `1) text`, `2.1 text`, `- **2.1** text`. */
const LIST_ITEM = /^ {0,3}(?:[-*+]\s+)?(?:\*\*)?(?:(\d{1,6})\.(\d{1,6})[.):：]?|(\d{1,6})[.)])(?:\*\*)?[:：]?\s+(\S.*)$/u;

interface Section {
  /** Depth of its heading. */
  readonly level: number;
  readonly number: string;
  readonly title: string;
  open: boolean;
  /** The defect section of bugfix.md says what happens, not what shall. */
  readonly binding: boolean;
  count: number;
  /** Every number so far was 1: counted by position. */
  ones: boolean;
}

function itemsOf(document: MarkdownDocument): Item[] {
  const items: Item[] = [];
  let section: Section | null = null;
  let current: Item | null = null;
  document.lines.forEach((line, index) => {
    const heading = HEADING.exec(line);
    if (heading !== null) {
      section = sectionOf((heading[1] ?? "").length, headingText(heading[2] ?? ""), section);
      current = null;
      return;
    }
    if (section !== null && CRITERIA_BOLD.test(line)) {
      section.open = true;
      return;
    }
    const item = section?.open === true ? LIST_ITEM.exec(line) : null;
    if (section !== null && item !== null) {
      current = { id: numberOf(section, item), title: section.title, line: index + 1, text: item[4] ?? "" };
      if (section.binding) items.push(current);
    } else if (line.trim() === "") {
      if (current !== null && !/^\s/u.test(document.lines[index + 1] ?? "")) current = null;
    } else if (current !== null && current.text.length < 4 * SPEC_LIMITS.requirementTextChars) {
      current.text += ` ${line.trim()}`;
    }
  });
  return items;
}

/** Markdown lets a heading end in marks of its own. */
function headingText(text: string): string {
  return inlineText(text, 500).replace(/\s#+$/u, "");
}

function sectionOf(level: number, text: string, before: Section | null): Section | null {
  const requirement = REQUIREMENT.exec(text);
  if (requirement !== null) {
    const number = String(Number(requirement[1]));
    return { level, number, title: requirement[2]?.trim() || `Requirement ${number}`, open: false, binding: true, count: 0, ones: true };
  }
  const bugfix = BUGFIX.findIndex((pattern) => pattern.test(text));
  if (bugfix >= 0) return { level, number: String(bugfix + 1), title: text, open: true, binding: bugfix > 0, count: 0, ones: true };
  if (before === null || level <= before.level) return null;
  return { ...before, open: CRITERIA.test(text) };
}

/** `2.1` is taken as written, `3.` as written, and the second `1.` of a list of ones as 2. */
function numberOf(section: Section, item: RegExpExecArray): string {
  if (item[2] !== undefined) return `${Number(item[1])}.${Number(item[2])}`;
  const written = Number(item[3]);
  section.count += 1;
  section.ones &&= written === 1;
  return `${section.number}.${section.ones ? section.count : written}`;
}
