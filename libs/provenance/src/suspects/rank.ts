import { ignoredRevisions } from "../git/blame.ts";
import { countCommitsBetween, shareHistory } from "../git/commits.ts";
import { resolveCommit } from "../git/revisions.ts";
import { BOUNDS } from "../limits.ts";
import type { Repository } from "../repository.ts";
import type { CodePlace, Commit, LibraryFrame, Suspect, SuspectRanking, SuspicionPart } from "../types.ts";
import { calleesOf } from "./arguments.ts";
import { blamed } from "./blamed.ts";
import { confidenceOf } from "./calibration.ts";
import { readCandidates, type Candidate } from "./candidates.ts";
import { hintsOf, type Hint } from "./places.ts";
import { gonePart } from "./beside.ts";
import { MentionGraph } from "./graph.ts";
import { packagePart } from "./packages/evidence.ts";
import { schemaNames, schemaPart } from "./schema.ts";
import { OUTSIDE, besideOutage, outageOf, sentenceOf, type Outage } from "./outage.ts";
import { leadingTo, namedBy, reachFrom, type Slicing } from "./reach.ts";
import { MOST, Vocabulary, codeParts, metBy, natureOf, readBy, requirementPart, round, symbolPart, type BlamedHint, type Nature, type View } from "./score.ts";
import { readSources, type Source } from "./sources.ts";
import { exposurePart, held, spectrumPart, suspicious, type Exposed, type SpectrumElement } from "./telemetry.ts";
import { readerOf } from "./settings.ts";
import { ELSEWHERE } from "./slice.ts";

export interface RankOptions {
  /** Revision of the last good deployment; null where none is known. */
  readonly good: string | null;
  readonly bad: string;
  /** Stack frames in the application's code; empty where nothing threw. */
  readonly places: readonly CodePlace[];
  /** Frames of packages that the error went through before it came to the first of `places`, innermost first. */
  readonly through?: readonly LibraryFrame[];
  /** What the finding names: route, span and attribute names, words of message and requirement. */
  readonly symbols: readonly string[];
  /** Files that the requirement's tasks name. */
  readonly files: readonly string[];
  readonly scoreMin: number;
  /** What the error says; "" or absent where nothing threw. */
  readonly message?: string;
  /** The error's type, such as `java.net.UnknownHostException`: some say by that alone that the environment failed. */
  readonly errorType?: string;
  /** Path prefixes that are the service's own: commits that change none of them are no candidates. Empty or absent: all. */
  readonly within?: readonly string[];
  /** What failing and passing traces ran through. */
  readonly spectrum?: readonly SpectrumElement[];
  /** Deployments from the last good one to the bad one, oldest first, with how often the finding occurred at each. */
  readonly exposure?: readonly Exposed[];
}

/** With nothing else between the deployments, the one commit is suspected by that alone. */
const SOLE = 0.45;
/** With less other evidence than this nothing but the time ties it: a name of a local variable, or a line at the edge of what the frames lead to. */
const TIED = 0.05;
/** Two scores closer than this are a tie: naming one would be a guess. */
const TIE = 0.03;
const ELSEWHERE_ERROR = 0.6;
/** From the line that registers a route to the function that handles it. */
const HANDLER_HOPS = 1;
/** Lines before and after a place whose authors are looked at in any case. */
const LINES_AROUND = 5;

/**
 * Ranks the commits between two deployments by the evidence that ties each to a finding. Only commits that change code
 * can be suspects. Names nobody (`abstained`) below `scoreMin`, and when two are as likely. Throws as Repository does.
 */
export async function rankSuspects(repo: Repository, options: RankOptions): Promise<SuspectRanking> {
  const at = repo.location;
  const bad = await resolveCommit(at, options.bad);
  const good = options.good === null ? null : await resolveCommit(at, options.good);
  const { all, unread } = await commitsOf(repo, good, bad, options.places);
  // Without a good deployment the range reaches back to the import of the code, which wrote every line and explains none.
  const commits = good === null && all.some((one) => one.parents.length > 0) ? all.filter((one) => one.parents.length > 0) : all;
  const answer = (suspects: readonly Suspect[], abstained: string | null): SuspectRanking => {
    const [first, second] = suspects;
    return { good, bad, candidates: commits.length + unread, unread, suspects, confidence: first === undefined || onlyTime(first) ? 0 : confidenceOf(first.score, second?.score ?? 0), abstained: abstained === null || unread === 0 ? abstained : `${abstained} Of ${commits.length + unread} commits ${commits.length} were looked at: the newest, and those that wrote the lines of the stack.` };
  };
  if (good !== null && !(await shareHistory(at, good, bad))) return answer([], "The last good revision and this one share no history, so what lies between them cannot be told.");
  if (commits.length === 0) return answer([], good !== null && good !== bad && (await repo.isAncestor(bad, good)) ? "This revision is part of the good one's history: it was rolled back, or the two are swapped." : "There is no commit between the last good deployment and this one.");

  // Whom blame passes over by the team's own word, nobody suspects.
  const passedOver = new Set(await ignoredRevisions(at, bad));
  const read = await readCandidates(at, commits.filter((commit) => !passedOver.has(commit.id)), bad);
  const changing = read.filter(({ edits, beside, bumps }) => edits.some((edit) => edit.weight > 0) || bumps.length > 0 || gonePart(beside, options.message ?? "") !== null);
  if (changing.length === 0) return answer([], "No commit between the two deployments changes code: only tests, documents, comments or layout.");
  const own = changing.filter((candidate) => touches(candidate, options.within ?? []) || candidate.bumps.length > 0);
  if (own.length === 0) return answer([], `No commit between the two deployments changes code of this service (${(options.within ?? []).slice(0, 5).join(", ")}).`);

  const outage = outageOf(options.message ?? "", options.errorType ?? "");
  const weighed = own.map((candidate) => (outage === null ? { candidate, touched: null } : besideOutage(candidate, outage)));
  const candidates = weighed.map(({ candidate }) => candidate);
  const found = await hintsOf(at, bad, options.places, options.symbols);
  const hints = await blamed(at, bad, found, read);
  const sources = await readSources(at, bad, new Set([...hints.map((hint) => hint.path), ...candidates.flatMap(({ edits }) => edits.map((edit) => edit.badPath))]));
  const nature = natureOf(options.places.length, options.symbols);
  const graph = new MentionGraph(sources, options.symbols);
  const { near, far } = nature === "missing" ? ends(hints, sources, graph) : { near: hints, far: [] };
  const forward = reachFrom(near, sources, graph, slicingOf(nature, options.message ?? ""));
  const view: View = { nature, hints: [...near, ...far], callees: calleesOf(near, sources, readBy(options.message ?? "")), forward, backward: far.length === 0 ? null : leadingTo(far, sources, graph), within: far.length === 0 ? null : reachFrom(far, sources, graph, null), met: nature === "error" ? metBy(options.message ?? "") : "", reader: (keys) => readerOf(keys, [...near, ...far], sources, forward) };
  const vocabulary = new Vocabulary(options.symbols, candidates.filter(({ edits }) => edits.length > 0));
  const files = new Set(options.files);
  const touching = candidates.filter(({ edits }) => edits.some((edit) => files.has(edit.path) || files.has(edit.badPath))).length;

  const elements = suspicious(options.spectrum ?? [], sources);
  const deployments = await held(at, good, options.exposure ?? []);
  const missed = schemaNames(options.message ?? "");
  const scored = weighed.map(({ candidate, touched }) => {
    const outside = outage !== null && touched === null;
    const others = [symbolPart(candidate, vocabulary, view), requirementPart(candidate, files, touching), gonePart(candidate.beside, options.message ?? "")].filter((part) => part !== null);
    return { candidate, touched, outside, code: withFiles(codeParts(candidate, view), [packagePart(candidate.bumps, options.through ?? [], hints, sources), schemaPart(candidate, missed)], outside), others };
  });
  const ranked = scored
    .map(({ candidate, touched, outside, code, others }) => {
      const parts = [...code, ...others];
      const only = onlyPart(sum(code), scored.filter((one) => one.candidate !== candidate).map((one) => sum(one.code)), { candidates: candidates.length, changing: changing.length, commits: commits.length, unread: unreadBeside(read, candidate).length, sole: outside ? round(SOLE * OUTSIDE) : SOLE }, sum(parts));
      const all = only === null ? parts : [...parts, only];
      const spectrum = spectrumPart(candidate, elements, sources, round(1 - sum(all)));
      // What fails runs through where it fails, whatever failed there.
      if (spectrum !== null) all.push(outside ? { ...spectrum, score: round(spectrum.score * OUTSIDE) } : spectrum);
      const exposure = exposurePart(candidate, deployments, round(1 - sum(all)));
      if (exposure !== null) all.push(exposure);
      return { candidate, outside, parts: outage === null ? all : told(all, outage, touched), score: sum(all) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.candidate.commit.committedAt - a.candidate.commit.committedAt)
    .slice(0, BOUNDS.suspects);
  const suspects = await Promise.all(ranked.map(async ({ candidate, parts, score }) => toSuspect(repo, candidate, parts, score)));
  return answer(suspects, whyNobody(ranked, options, unreadBeside(read, ranked[0]?.candidate), outage));
}

/**
 * The commits between the two. Where they are more than can be looked at, those that wrote the lines of the places are
 * looked at however old they are.
 */
async function commitsOf(repo: Repository, good: string | null, bad: string, places: readonly CodePlace[]): Promise<{ readonly all: readonly Commit[]; readonly unread: number }> {
  const newest = await repo.commitsBetween(good, bad);
  if (good === null) return { all: newest, unread: 0 };
  // A merge is seen through, but for what was written while its conflicts were resolved.
  const merges = await repo.mergesBetween(good, bad);
  if (newest.length < BOUNDS.commitsBetween) return { all: [...newest, ...merges], unread: 0 };
  const total = await countCommitsBetween(repo.location, good, bad);
  const known = new Set(newest.map((one) => one.id));
  const older: Commit[] = [];
  for (const { path, line } of places.slice(0, BOUNDS.places)) {
    for (const { commit } of await repo.blame(bad, path, Math.max(1, line - LINES_AROUND), line + LINES_AROUND)) {
      if (known.has(commit)) continue;
      known.add(commit);
      if (!(await repo.isAncestor(commit, good))) older.push(await repo.commit(commit));
    }
  }
  return { all: [...newest, ...merges, ...older.filter((one) => one.parents.length < 2)], unread: Math.max(0, total - newest.length - older.length) };
}

/** Whether it changes something below one of the prefixes; without any, everything is the service's. */
function touches({ edits }: Candidate, within: readonly string[]): boolean {
  if (within.length === 0) return true;
  const below = (path: string, prefix: string): boolean => path === prefix.replace(/\/+$/, "") || path.startsWith(`${prefix.replace(/\/+$/, "")}/`);
  return within.some((prefix) => /^[./]*$/.test(prefix) || edits.some((edit) => below(edit.path, prefix.replace(/^\.?\//, "")) || below(edit.badPath, prefix.replace(/^\.?\//, ""))));
}

/** A wrong value comes from how it was made; an error from there too, or from anything else that ran before. */
function slicingOf(nature: Nature, message: string): Slicing | null {
  if (nature === "missing") return null;
  return nature === "value" ? { elsewhere: ELSEWHERE, read: new Set() } : { elsewhere: ELSEWHERE_ERROR, read: readBy(message) };
}

/**
 * For what did not happen: where it would happen (`far`), and where it is asked for (`near`). Far is what does not lie
 * in the operation's own handler; of that, where attributes are set only if nothing else is known, for other operations
 * set the same ones.
 */
function ends(hints: readonly BlamedHint[], sources: ReadonlyMap<string, Source>, graph: MentionGraph): { readonly near: BlamedHint[]; readonly far: BlamedHint[] } {
  const routes = namedBy(hints.filter((hint) => hint.route), sources, graph);
  const inHandler = (hint: Hint): boolean => hint.route || (routes.at(hint.path, hint.line, "")?.hops ?? HANDLER_HOPS + 1) <= HANDLER_HOPS;
  const outside = hints.filter((hint) => !inHandler(hint));
  const happening = outside.filter((hint) => !setsAttribute(sources.get(hint.path)?.code[hint.line - 1] ?? "", hint.text));
  return { near: hints.filter(inHandler), far: happening.length > 0 ? happening : outside };
}

/** `"name": value` or `setAttribute("name", value)`. */
function setsAttribute(code: string, name: string): boolean {
  const at = code.indexOf(name);
  return /^["'`]\s*:/.test(code.slice(at + name.length)) || /set_?attributes?\(\s*["'`]$/i.test(code.slice(0, Math.max(0, at)));
}

/** What other commits change that runs and is not read as code. */
function unreadBeside(read: readonly Candidate[], one: Candidate | undefined): readonly string[] {
  return [...new Set(read.filter((other) => other.commit.id !== one?.commit.id).flatMap(({ beside }) => beside.unread))];
}

/** Being the only one: all candidates there are, or the only one whose code evidence is worth the name. */
function onlyPart(code: number, others: readonly number[], { candidates, changing, commits, unread, sole }: { readonly candidates: number; readonly changing: number; readonly commits: number; readonly unread: number; readonly sole: number }, rest: number): SuspicionPart | null {
  const room = round(1 - rest);
  // Of a lock file or an image nobody can say that it is harmless.
  if (candidates === 1 && unread === 0) return { kind: "only-change", score: Math.min(sole, room), says: commits === 1 ? "It is the only commit between the two deployments." : `It is the only one of ${commits} commits between the two deployments that changes code${changing > 1 ? " of this service" : ""}.`, places: [] };
  const second = Math.max(0, ...others);
  const score = code <= second ? 0 : round(Math.min(room, MOST.only * Math.min(1, code / (MOST.code * 0.5)) * (1 - second / code)));
  if (score <= 0) return null;
  return { kind: "only-change", score, says: second === 0 ? "No other commit touches the code that the finding points at." : "No other commit comes as close to the code that the finding points at.", places: [] };
}

/** Below the least score a suspect is still named where it stands alone: this share of it, and twice the second one. */
const ALONE_SHARE = 0.7;

function whyNobody(ranked: readonly { readonly score: number; readonly outside: boolean; readonly parts: readonly SuspicionPart[] }[], { places, scoreMin, message = "" }: RankOptions, unread: readonly string[], outage: Outage | null): string | null {
  const [first, second] = ranked;
  const score = first?.score ?? 0;
  const lead = score - (second?.score ?? 0);
  const blind = places.length === 0 && message !== "" ? " No frame of the stack is a file of the repository at this revision." : "";
  const outside = outage !== null && (first === undefined || first.outside) ? `${sentenceOf(outage)} No commit that comes into question changes what it names. ` : "";
  if (first === undefined || score === 0) return `${outside}Nothing ties any of the commits to the finding.${blind}`;
  // That nothing else was deployed ties it to the deployment, not to what went wrong: the cause may lie outside of the code.
  if (onlyTime(first)) return `${outside}${first.parts.length > 1 ? "Little" : "Nothing"} but the time ties the only change to the finding: it ${first.parts.length > 1 ? "hardly touches what a frame leads to, or what it names" : "touches neither what a frame leads to nor what it names"}.${blind}`;
  const also = unread.length === 0 ? "" : ` Other commits change ${unread.slice(0, 3).join(", ")}${unread.length > 3 ? " and more" : ""}, which is not read as code and may be why.`;
  if (score < scoreMin && !(outside === "" && unread.length === 0 && score >= scoreMin * ALONE_SHARE && lead >= score / 2)) {
    const touched = first.parts.some(({ kind }) => kind === "line" || kind === "near" || kind === "spectrum");
    return `${outside}The best score, ${score.toFixed(2)}, is below the least that names a suspect (${scoreMin.toFixed(2)}).${blind === "" && !touched ? " No commit touches the code that the finding points at." : blind}${also}`;
  }
  if (second !== undefined && lead < TIE) return `Two commits are as likely (${score.toFixed(2)} and ${second.score.toFixed(2)}).`;
  return null;
}

/** Files that are not read as code are evidence like lines; together with those they give no more than code does. */
function withFiles(code: readonly SuspicionPart[], found: readonly (SuspicionPart | null)[], outside: boolean): SuspicionPart[] {
  const parts = code.filter(({ kind }) => kind !== "file" || found.every((one) => one === null));
  for (const part of found) {
    const score = part === null ? 0 : round(Math.min(part.score, MOST.code - sum(parts)));
    if (part !== null && score > 0) parts.push({ ...part, score });
  }
  // An outage leaves lines little weight themselves (besideOutage); a file has no lines.
  return parts.map((part) => (outside && part.kind === "file" ? { ...part, score: round(part.score * OUTSIDE) } : part));
}

/** The first part says what the outage makes of the evidence. */
function told(parts: readonly SuspicionPart[], outage: Outage, touched: string | null): readonly SuspicionPart[] {
  const means = touched === null ? `This commit does not change what it names, so its lines count ${Math.round(OUTSIDE * 100)} % of what they otherwise would.` : `This commit changes what it names: ${touched}.`;
  return parts.map((part, at) => (at === 0 ? { ...part, says: `${part.says} ${sentenceOf(outage)} ${means}` } : part));
}

function onlyTime({ parts }: { readonly parts: readonly SuspicionPart[] }): boolean {
  const alone = parts.filter(({ kind }) => kind === "only-change");
  // What stands out among several is tied by more than the time.
  return alone.length === parts.length || (sum(alone) > MOST.only && sum(parts) - sum(alone) < TIED);
}

async function toSuspect(repo: Repository, candidate: Candidate, parts: readonly SuspicionPart[], score: number): Promise<Suspect> {
  return { commit: candidate.commit, score, parts, attribution: await repo.attributeCommit(candidate.commit) };
}

function sum(parts: readonly SuspicionPart[]): number {
  return round(parts.reduce((total, part) => total + part.score, 0));
}
