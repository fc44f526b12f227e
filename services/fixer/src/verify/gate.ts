import type { Finding, VerificationStep } from "@firstfix/incident";
import { BOUNDS } from "../bounds.ts";
import { isScript, mayChange } from "../workspace/paths.ts";
import type { Candidate } from "../candidates/api.ts";
import { parsesClean } from "../candidates/templates/generate.ts";
import { ELSEWHERE } from "../replay/judge.ts";
import { CAPTURED, phasesOf, type Reproduced } from "../reproduce/reproduce.ts";
import { findingShown, type Session, type Shown } from "../reproduce/session.ts";
import { answersAsGood, isBroken, newErrors, newViolations, variationProblems, type References } from "./compare.ts";
import { isVerified, Steps } from "./steps.ts";
import { newFailure, outcomeOf, type TestOutcome } from "./tests.ts";

/** A candidate with what the gate said of it. */
export interface Judged {
  readonly candidate: Candidate;
  readonly steps: readonly VerificationStep[];
  readonly verified: boolean;
  /** How many steps passed: how near a failing one came. */
  readonly passed: number;
  /** The captured request is answered as the last good revision did. */
  readonly asGood: boolean;
}

export interface GateInput {
  readonly session: Session;
  readonly revision: string;
  readonly finding: Finding;
  /** Null when nothing was reproduced: then replays are skipped and nothing can be verified. */
  readonly reproduced: Reproduced | null;
  /** Texts of the files at the failing revision. */
  readonly before: (path: string) => Promise<string | null>;
}

const NOT_RUN = "Not run: an earlier step failed.";

/** The one validator of all candidates. Cheap steps first; the first failure ends it. */
export class Gate {
  readonly #input: GateInput;
  readonly #replays = new Map<string, Promise<Shown>>();
  #testsBefore: Promise<TestOutcome> | null = null;

  constructor(input: GateInput) {
    this.#input = input;
  }

  /** Does the finding go away? The question of delta debugging; a replay that says yes serves `verify` as well. */
  async removes(candidate: Candidate): Promise<boolean> {
    const { reproduced } = this.#input;
    if (reproduced === null || !this.#parses(candidate)) return false;
    return this.#reproductionProblem(await this.#shown(candidate, reproduced)) === null;
  }

  /** The candidate's replay. It ends at once where the captured request still shows the finding. */
  #shown(candidate: Candidate, reproduced: Reproduced): Promise<Shown> {
    const { session, revision, finding } = this.#input;
    const key = JSON.stringify([...candidate.files]);
    const known = this.#replays.get(key);
    if (known !== undefined) return known;
    const shown = session.replay(revision, candidate.files, phasesOf(reproduced.capture, reproduced.variations), (seen) => findingShown(finding, seen, CAPTURED) !== null, this.#lingerMsMax());
    this.#replays.set(key, shown);
    return shown;
  }

  async verify(candidate: Candidate): Promise<Judged> {
    const steps = new Steps();
    const shown = (await this.#applies(candidate, steps)) && (await this.#parsing(candidate, steps)) ? await this.#reproduction(candidate, steps) : null;
    if (shown !== null && (await this.#tests(candidate, steps))) this.#judged(shown, steps);
    const all = steps.all(steps.failed ? NOT_RUN : "Not run: nothing was reproduced, so there is nothing to compare.");
    return {
      candidate,
      steps: all,
      verified: this.#input.reproduced !== null && isVerified(all),
      passed: all.filter((one) => one.status === "passed").length,
      asGood: shown !== null && answersAsGood(CAPTURED, shown.judgements, this.#input.reproduced?.good?.judgements ?? null),
    };
  }

  async #applies(candidate: Candidate, steps: Steps): Promise<boolean> {
    for (const [path, text] of candidate.files) {
      if (!mayChange(path)) return steps.record("applies", "failed", `${path} is not a file that a fix may change.`);
      const before = await this.#input.before(path);
      if (before === null) return steps.record("applies", "failed", `${path} does not exist at the failing revision.`);
      if (before === text) return steps.record("applies", "failed", `${path} is not changed by it.`);
    }
    return steps.record("applies", "passed", `Applies to ${[...candidate.files.keys()].join(", ")} at ${this.#input.revision.slice(0, 10)}.`);
  }

  #parses(candidate: Candidate): boolean {
    return [...candidate.files].every(([path, text]) => parsesClean(path, text));
  }

  async #parsing(candidate: Candidate, steps: Steps): Promise<boolean> {
    if (!this.#parses(candidate)) return steps.record("parses", "failed", "The changed file does not parse.");
    const checkable = [...candidate.files.keys()].filter((path) => /\.[cm]?js$/.test(path));
    if (checkable.length === 0) return steps.record("parses", "passed", [...candidate.files.keys()].some(isScript) ? "The syntax tree has no error." : "No file of a language that is parsed.");
    const result = await this.#input.session.shell(this.#input.revision, candidate.files, ["/bin/sh", "-c", 'for file in "$@"; do node --check "$file" || exit 1; done', "sh", ...checkable]);
    return steps.record("parses", result.code === 0 ? "passed" : "failed", result.code === 0 ? "node --check accepts every changed file." : "node --check refuses a changed file.", result.output, result.ms);
  }

  /** One start of the application answers for the reproduction, the checks and the variations. */
  async #reproduction(candidate: Candidate, steps: Steps): Promise<Shown | null> {
    const { reproduced } = this.#input;
    if (reproduced === null) {
      steps.record("reproduction", "skipped", "Nothing was reproduced, so no replay can show that it is gone.");
      await this.#tests(candidate, steps);
      return null;
    }
    const shown = await this.#shown(candidate, reproduced);
    const problem = this.#reproductionProblem(shown);
    const answer = shown.judgements.get(CAPTURED);
    const output = `answer: ${answer?.status ?? 0} ${answer?.body.slice(0, 800) ?? ""}`;
    const passed = steps.record("reproduction", problem === null ? "passed" : "failed", problem ?? `The captured request, which failed before, no longer shows the finding; it is answered with ${answer?.status}.`, problem === null ? output : `${output}\n${shown.replay.results.log.slice(0, 1500)}`, shown.ms);
    return passed ? shown : null;
  }

  #reproductionProblem(shown: Shown): string | null {
    const { finding, reproduced } = this.#input;
    const references = this.#references();
    if (!shown.replay.results.ready) return `The service does not start${shown.replay.results.exited === null ? "" : `: ${shown.replay.results.exited}`}.`;
    const seen = findingShown(finding, shown.judgements, CAPTURED);
    if (seen !== null) return `It still shows: ${seen}.`;
    const answer = shown.judgements.get(CAPTURED);
    if (answer === undefined || !answer.traced) return "No telemetry of the captured request arrived, so nothing shows that it is gone.";
    const goodStatus = reproduced?.good?.judgements.get(CAPTURED)?.status;
    if (isBroken(answer.status) && answer.status !== goodStatus) return `The captured request is answered with ${answer.status}.`;
    const fresh = references === null ? [] : [CAPTURED, ELSEWHERE].flatMap((id) => newErrors(id, shown.judgements, references));
    return fresh.length === 0 ? null : `Another error appears: ${fresh.slice(0, 3).join("; ")}.`;
  }

  async #tests(candidate: Candidate, steps: Steps): Promise<boolean> {
    const { session, revision, reproduced } = this.#input;
    const command = session.options.manifest.test;
    const test = reproduced?.record.test ?? null;
    if (command === undefined && test === null) return steps.record("tests", "skipped", "The manifest names no test command.");
    const started = performance.now();
    const outputs: string[] = [];
    const passed: string[] = [];
    if (command !== undefined) {
      const after = await session.shell(revision, candidate.files, ["/bin/sh", "-c", command]);
      const outcome = outcomeOf(after);
      outputs.push(`$ ${command}\n${after.output}`);
      // The failing revision's own run is only needed where something fails.
      const problem = outcome.passed ? null : newFailure(await this.testsBefore(command), outcome);
      if (problem !== null) return steps.record("tests", "failed", `\`${command}\`: ${problem}.`, outputs.join("\n"), performance.now() - started);
      passed.push(outcome.passed ? `\`${command}\` passes` : `\`${command}\` fails in the same tests as without the fix, and in no other`);
    }
    if (test !== null) {
      const result = await session.shell(revision, new Map([...candidate.files, [test.path, test.text]]), ["node", "--test", test.path]);
      outputs.push(`$ node --test ${test.path}\n${result.output}`);
      if (result.code !== 0) return steps.record("tests", "failed", `The reproduction as a test (${test.path}) still fails.`, outputs.join("\n"), performance.now() - started);
      passed.push(`${test.path}, which failed before, passes`);
    }
    return steps.record("tests", "passed", `${passed.join("; ")}.`, outputs.join("\n"), performance.now() - started);
  }

  /** The failing revision's own test run, once. */
  testsBefore(command: string): Promise<TestOutcome> {
    this.#testsBefore ??= this.#input.session.shell(this.#input.revision, new Map(), ["/bin/sh", "-c", command]).then(outcomeOf);
    return this.#testsBefore;
  }

  #judged(shown: Shown, steps: Steps): void {
    const { finding, reproduced, session } = this.#input;
    const references = this.#references();
    const own = shown.judgements.get(CAPTURED);
    if (references === null || own === undefined || reproduced === null) return;
    const { checks } = session.options.judging;
    const violated = newViolations(CAPTURED, shown.judgements, references);
    if (finding.kind === "violation") {
      const name = finding.violation?.checkName ?? finding.key;
      const satisfied = (own.satisfied.get(finding.key) ?? 0) + (shown.judgements.get(ELSEWHERE)?.satisfied.get(finding.key) ?? 0);
      const says = satisfied > 0 ? `The check “${name}” was evaluated ${satisfied === 1 ? "once" : `${satisfied} times`} on the replay's spans and held.` : `The check “${name}” was not evaluated in the replay: it holds only because nothing was there to judge.`;
      if (!steps.record("requirement", satisfied > 0 && !own.violated.has(finding.key) ? "passed" : "failed", says)) return;
    } else {
      const held = [...own.satisfied.keys()].filter((key) => !own.violated.has(key));
      if (held.length === 0) steps.record("requirement", "skipped", "No bound requirement speaks of this operation.");
      else if (!steps.record("requirement", violated.length === 0 ? "passed" : "failed", violated.length === 0 ? `${held.length} bound requirements of this operation were evaluated and held.` : `A requirement of this operation is violated: ${violated[0]}.`)) return;
    }
    const others = checks.filter(({ check }) => check.key !== finding.key).length;
    const outside = [...violated, ...newViolations(ELSEWHERE, shown.judgements, references)];
    if (others === 0) steps.record("other-checks", "skipped", "No other requirement is bound to a check.");
    else if (!steps.record("other-checks", outside.length === 0 ? "passed" : "failed", outside.length === 0 ? `None of ${others} other bound checks is newly violated.` : `Newly violated: ${outside.slice(0, 3).join("; ")}.`)) return;
    const { variations } = reproduced;
    if (variations.length === 0) {
      steps.record("variations", "skipped", "The captured request has no values to vary.");
      return;
    }
    const problems = variationProblems(variations, shown.judgements, references);
    steps.record("variations", problems.length === 0 ? "passed" : "failed", problems.length === 0 ? `${variations.length} requests near the captured one raise nothing that is not raised without the fix.` : `${problems.length} problems near the captured request: ${problems[0]}.`, problems.join("\n") || variations.map((one) => one.says).join("\n"));
  }

  /**
   * A promise that the good revision keeps in moments is not waited for to its last second with every candidate: one
   * that is slower by far is passed over, never wrongly passed.
   */
  #lingerMsMax(): number {
    const good = this.#input.reproduced?.good ?? null;
    return good === null ? Infinity : Math.max(BOUNDS.lingerMsMin, good.lingeredMs * 4);
  }

  #references(): References | null {
    const { finding, reproduced } = this.#input;
    return reproduced === null ? null : { finding, base: reproduced.base.judgements, good: reproduced.good?.judgements ?? null };
  }
}
