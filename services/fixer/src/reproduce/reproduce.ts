import type { Finding, ReproductionRecord } from "@firstfix/incident";
import { clean, cleanLine } from "../text.ts";
import type { PlannedRequest } from "../replay/plan.ts";
import { variationsOf, type Variation } from "../verify/variations.ts";
import { planRequest, type Capture } from "./capture.ts";
import { findingShown, type Session, type Shown } from "./session.ts";
import { testFileOf } from "./test-file.ts";

/** Id of the captured request in a replay. */
export const CAPTURED = "captured";

/** A reproduced failure: what is asked, and how the failing and the last good revision answer. */
export interface Reproduced {
  readonly capture: Capture;
  readonly variations: readonly Variation[];
  readonly base: Shown;
  /** Null where no good revision is known or it could not be run. */
  readonly good: Shown | null;
  readonly record: ReproductionRecord;
}

export interface ReproduceInput {
  readonly session: Session;
  readonly incidentId: string;
  readonly finding: Finding;
  readonly revision: string;
  readonly good: string | null;
  readonly captures: readonly Capture[];
  readonly paths: readonly string[];
  readonly packageJson: string | null;
  readonly tell: (says: string) => Promise<void>;
}

/** The phases of a replay: the captured request alone, then everything near it. Traces are new each time. */
export function phasesOf(capture: Capture, variations: readonly Variation[]): PlannedRequest[][] {
  const near = variations.map((one, index) => planRequest(`variation-${index}`, one.request));
  return [[planRequest(CAPTURED, capture.request)], ...(near.length > 0 ? [near] : [])];
}

/** Replays captures at the failing revision until one shows the finding, and then at the good one for contrast. */
export async function reproduce(input: ReproduceInput): Promise<Reproduced | { readonly record: ReproductionRecord }> {
  const { session, finding, revision, captures } = input;
  const blank = { revision, method: "replay", request: null, output: "", test: null, sandbox: session.options.sandbox.kind } as const;
  if (captures.length === 0) {
    return { record: { ...blank, status: "impossible", says: "No request that showed this was captured whole, so there is nothing to replay. Captures come from @firstfix/sdk (attribute firstfix.capture.request on the server span)." } };
  }
  let last: ReproductionRecord | null = null;
  for (const capture of captures) {
    const variations = variationsOf(capture.request);
    await input.tell(`Replaying ${capture.request.method} ${cleanLine(capture.request.target, 100)} at the failing revision ${revision.slice(0, 10)}, and ${variations.length} variations of it.`);
    const good = input.good === null ? Promise.resolve(null) : session.replay(input.good, new Map(), phasesOf(capture, variations), () => false).catch(() => null);
    const base = await session.replay(revision, new Map(), phasesOf(capture, variations), () => false);
    const request = { method: capture.request.method, target: cleanLine(capture.request.target, 500), body: capture.request.body === null ? null : clean(capture.request.body) };
    const seen = findingShown(finding, base.judgements, CAPTURED);
    const contrast = await good;
    const record = { ...blank, request, output: outputOf(base) };
    if (seen === null) {
      last = { ...record, status: "not-reproduced", says: whyNot(base) };
      continue;
    }
    const usable = contrast !== null && contrast.replay.results.ready ? contrast : null;
    const goodSeen = usable === null ? null : findingShown(finding, usable.judgements, CAPTURED);
    const compared = usable === null ? "" : goodSeen === null ? ` At the last good revision ${input.good?.slice(0, 10)} the same request does not show it.` : ` The last good revision ${input.good?.slice(0, 10)} shows it as well.`;
    const reproduced: ReproductionRecord = { ...record, status: "reproduced", says: `Replaying the captured request at the failing revision shows it again: ${seen}.${compared}${unconfined(session)}` };
    const test = await confirmedTest(input, capture, base);
    return { capture, variations, base, good: usable, record: { ...reproduced, test: test.file, says: `${reproduced.says} ${test.says}` } };
  }
  return { record: last as ReproductionRecord };
}

/** A test is only kept if it was seen to fail at the failing revision. */
async function confirmedTest(input: ReproduceInput, capture: Capture, base: Shown): Promise<{ readonly file: ReproductionRecord["test"]; readonly says: string }> {
  const { session, finding } = input;
  const response = base.judgements.get(CAPTURED);
  const file = response === undefined ? null : testFileOf({ incidentId: input.incidentId, finding, request: capture.request, response, start: session.options.manifest.start, ready: session.options.manifest.ready, paths: input.paths, packageJson: input.packageJson });
  if (file === null) return { file: null, says: "It was not written as a test: nothing in the answer over HTTP tells right from wrong." };
  const result = await session.shell(input.revision, new Map([[file.path, file.text]]), ["node", "--test", file.path]);
  if (result.code === 0 || result.killed !== null) return { file: null, says: "It was not written as a test: the test written did not fail at the failing revision." };
  return { file, says: `It is written out as ${file.path}, which fails at this revision.` };
}

function whyNot(base: Shown): string {
  const { results, sandbox } = base.replay;
  if (!results.ready) return `The service did not start in the sandbox${results.exited === null ? "" : ` (${cleanLine(results.exited)})`}${sandbox.killed === null ? "" : `; it was ended: ${sandbox.killed}`}.`;
  const one = base.judgements.get(CAPTURED);
  return `The captured request was answered with ${one?.status ?? 0}, and ${one?.traced === true ? "its telemetry does not show the failure" : "no telemetry of it arrived"}. It may depend on state or on calls that the sandbox does not have.`;
}

function outputOf(base: Shown): string {
  const { results, sandbox } = base.replay;
  const one = base.judgements.get(CAPTURED);
  const errors = (one?.errors ?? []).map((error) => `error: ${error.title}`);
  const violated = [...(one?.violated ?? [])].map(([, detail]) => `violated: ${detail}`);
  const answer = results.ready ? [`answer: ${one?.status ?? 0} ${clean(one?.body ?? "", 600)}`] : [];
  const spans = [`spans received: ${base.replay.spans.length}`];
  return clean([...answer, ...errors, ...violated, ...spans, results.log === "" ? "" : `log:\n${clean(results.log, 2000)}`, results.done ? "" : clean(sandbox.output, 1000)].filter((line) => line !== "").join("\n"));
}

function unconfined(session: Session): string {
  return session.options.sandbox.kind === "none" ? " It ran WITHOUT a sandbox, as the configuration says." : "";
}
