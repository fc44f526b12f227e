import { FirstfixError } from "@firstfix/kit";
import { lineAuthors, openRepository, type LineAuthor } from "@firstfix/provenance";
import { commitOf, repositoryOf } from "../repository.ts";

const EVIDENCE_SHOWN = 12;

export interface AuthorsOptions {
  readonly repo: string;
  readonly rev: string;
  readonly lines?: string;
  readonly json?: boolean;
}

/** Blame that names the assistant, with how sure that is and by what evidence. */
export async function authors(file: string, options: AuthorsOptions): Promise<void> {
  const { root, path } = await repositoryOf(options.repo, file);
  const repository = await openRepository(root);
  const [from, to] = range(options.lines);
  const lines = await lineAuthors(repository, await commitOf(root, options.rev), path, from, to);
  if (lines.length === 0) throw new FirstfixError("not_found", `${path} has no such lines at ${options.rev}, or is no text file`, { hint: "Give a path that git knows at that revision: git ls-tree -r --name-only REVISION" });
  if (options.json === true) console.log(JSON.stringify(lines.map(asJson), null, 2));
  else print(lines);
}

function range(text: string | undefined): [number, number] {
  if (text === undefined) return [1, Infinity];
  const match = /^(\d{1,9})(?:[-,](\d{1,9}))?$/.exec(text);
  const [from, to] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? match?.[1] ?? 0)];
  if (from < 1 || to < from) throw new FirstfixError("bad_request", `--lines ${text}: not a range such as 10-25`);
  return [from, to];
}

function asJson({ line, text, commit, originPath, originLine, attribution }: LineAuthor): object {
  const { authorship, agent, model, confidence, evidence } = attribution;
  return { line, text, commit, path: originPath, originLine, authorship, agent, model, confidence, evidence };
}

function print(lines: readonly LineAuthor[]): void {
  const width = String(lines.at(-1)?.line ?? 0).length;
  const names = lines.map(({ attribution }) => who(attribution));
  const wide = Math.min(36, Math.max(...names.map((name) => name.length)));
  lines.forEach(({ line, commit, attribution, text }, at) => {
    const sure = attribution.authorship === "unknown" ? "    " : `${String(Math.round(attribution.confidence * 100)).padStart(3)}%`;
    console.log(`${commit.slice(0, 10)}  ${(names[at] ?? "").slice(0, wide).padEnd(wide)} ${sure}  ${String(line).padStart(width)}  ${printable(text)}`);
  });
  const reasons = new Map<string, string>();
  for (const { commit, attribution } of lines) for (const { channel, raw } of attribution.evidence) reasons.set(`${commit.slice(0, 10)}  ${channel}: ${printable(raw)}`, commit);
  if (reasons.size > 0) console.log(`\nEvidence:\n${[...reasons.keys()].slice(0, EVIDENCE_SHOWN).map((one) => `  ${one}`).join("\n")}${reasons.size > EVIDENCE_SHOWN ? `\n  … and ${reasons.size - EVIDENCE_SHOWN} more (--json)` : ""}`);
  const count = (wanted: string): number => lines.filter(({ attribution }) => attribution.authorship === wanted).length;
  console.log(`\n${lines.length} lines: ${count("ai")} by assistants, ${count("mixed")} mixed, ${count("human")} by people, ${count("unknown")} unknown (no evidence either way).`);
}

function who({ authorship, agent, model }: LineAuthor["attribution"]): string {
  if (authorship === "human") return "person";
  if (authorship === "unknown") return "unknown";
  return [agent, model === "" ? "" : `(${model})`, authorship === "mixed" ? "+ person" : ""].filter((one) => one !== "").join(" ");
}

/** A repository's text must not move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (sign) => (sign === "\t" ? sign : "·"));
}
