import { librariesOf, mapFrames, parseError, placesOf, symbolsOf } from "@firstfix/incident";
import { FirstfixError, MANIFEST_FILE, messageOf, serviceIn, type Manifest, type ServiceManifest } from "@firstfix/kit";
import { openRepository, rankSuspects, readManifest, type Repository, type SuspectRanking } from "@firstfix/provenance";
import { share } from "../numbers.ts";
import { commitOf, rootOf } from "../repository.ts";
import { readStack } from "../suspects/stack-text.ts";
import { jsonText, visible } from "../terminal.ts";

export interface SuspectsOptions {
  readonly repo: string;
  readonly good?: string;
  readonly bad: string;
  readonly stack: string;
  readonly operation?: string;
  /** Whose part of the manifest counts, in a repository of several services. */
  readonly service?: string;
  readonly scoreMin: string;
  readonly json?: boolean;
}

/** Ranks the commits between two revisions for a stack trace, without any server. */
export async function suspects(options: SuspectsOptions): Promise<void> {
  const scoreMin = share("--score-min", options.scoreMin);
  const root = await rootOf(options.repo);
  const bad = await commitOf(root, options.bad, "--bad");
  const good = options.good === undefined ? null : await commitOf(root, options.good, "--good");
  const stack = await readStack(options.stack);
  const error = parseError(stack.text);
  const repository = await openRepository(root);
  const files = await repository.listFiles(bad, "");
  const { service, warning } = await serviceAt(repository, bad, options);
  const warnings = [stack.warning, warning].filter((one) => one !== null);
  const frames = mapFrames(error.frames, { paths: files.map(({ path }) => path), inApp: service?.inApp ?? [], own: service?.paths ?? [], frames: service?.frames ?? [] });
  const clues = [{ error: { type: error.type, message: error.message, stacktrace: "", frames }, witness: { operation: options.operation ?? "" } }];
  const places = placesOf(clues);
  const ranking = await rankSuspects(repository, { good, bad, places, through: librariesOf(clues), symbols: symbolsOf(clues), files: [], within: service?.paths ?? [], scoreMin, message: error.message, errorType: error.type });
  for (const one of warnings) console.error(`note: ${visible(one)}`);
  if (options.json === true) {
    console.log(jsonText({ error: { type: error.type, message: error.message }, places, ...ranking, warnings }));
    return;
  }
  console.log(visible([error.type, error.message].filter((one) => one !== "").join(": ")) || "The text names no error.");
  if (places.length === 0) console.log(`${error.frames.length === 0 ? "It has no stack that is recognised" : `None of its ${error.frames.length} frames can be told to be one file of the repository at ${options.bad}`}: only names can tie a commit to it.`);
  for (const { path, line, function: name } of places) console.log(visible(`  at ${name === "" ? "" : `${name} `}${path}:${line}`));
  print(ranking);
}

/** What the repository says of the service; of its only one where none is asked for. A manifest that cannot be read is a warning, not fatal: the stack often maps without. */
async function serviceAt(repository: Repository, revision: string, { service: name, bad }: SuspectsOptions): Promise<{ readonly service: ServiceManifest | null; readonly warning: string | null }> {
  let manifest: Manifest | null;
  try {
    manifest = await readManifest(repository, revision);
  } catch (error) {
    if (name !== undefined) throw error;
    return { service: null, warning: `${messageOf(error)}; frames are mapped without it.` };
  }
  const names = Object.keys(manifest?.services ?? {});
  const asked = name ?? (names.length === 1 ? names[0] : undefined);
  if (asked === undefined) return { service: null, warning: names.length === 0 ? null : `${MANIFEST_FILE} names ${names.join(", ")}: say which one failed with --service, and its paths and frames count.` };
  const found = serviceIn(manifest, asked);
  if (found !== undefined) return { service: found, warning: null };
  const says = manifest === null ? `there is no ${MANIFEST_FILE} at ${bad}` : names.length === 0 ? `${MANIFEST_FILE} names no service at ${bad}` : `${MANIFEST_FILE} names ${names.join(", ")} at ${bad}`;
  throw new FirstfixError("bad_request", `--service ${asked}: ${says}`, { hint: names.length === 0 ? "Leave --service out." : "Give one of these, or leave --service out." });
}

function print({ suspects: found, confidence, abstained, candidates, unread, good, bad }: SuspectRanking): void {
  const commits = candidates === 1 ? "commit" : "commits";
  const range = good === null ? `The newest ${candidates} ${commits} up to ${bad.slice(0, 10)}, for no --good is given.` : `${candidates} ${commits} between ${good.slice(0, 10)} and ${bad.slice(0, 10)}.`;
  console.log(`\n${range}${unread === 0 ? "" : ` ${unread} of the oldest, which wrote no line of the stack, were not looked at.`}`);
  if (abstained !== null) console.log(`No suspect is named: ${abstained}`);
  else console.log(`The first one is the guilty one with ${Math.round(confidence * 100)}% confidence.`);
  found.forEach(({ commit, score, parts, attribution }, at) => {
    const by = attribution.authorship === "unknown" ? "author unknown" : attribution.authorship === "human" ? "a person" : [attribution.agent, attribution.model, `${Math.round(attribution.confidence * 100)}% sure`].filter((one) => one !== "").join(", ");
    console.log(`\n${String(at + 1).padStart(2)}  ${commit.id.slice(0, 10)}  ${score.toFixed(2)}  ${visible(commit.subject.slice(0, 100))}  [${visible(by)}]`);
    for (const part of parts) console.log(`      +${part.score.toFixed(2)}  ${visible(part.says)}`);
  });
}
