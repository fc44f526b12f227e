import { createHash } from "node:crypto";
import type { DeploymentRef, Finding, SuspectRecord } from "@firstfix/incident";
import { seededRandom } from "@firstfix/kit";
import { insertRows, type Store } from "@firstfix/store";
import { JournalWriter } from "./fixture-journal.ts";
import { HOSTILE } from "./fixture-names.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEKS = 18;

export const SHOP = "https://git.example.com/acme/shop";
export const SEARCH = "https://git.example.com/acme/search";
/** The revision up to which both were backfilled. */
const NEWEST = "f".repeat(40);
const PLACES = [
  { service: "shop", repository: SHOP, folder: "services/shop", team: "@acme/checkout" },
  { service: "catalogue", repository: SHOP, folder: "services/catalogue", team: "@acme/catalogue" },
  { service: "search", repository: SEARCH, folder: "src", team: "@acme/search" },
] as const;

interface Author {
  readonly authorship: "ai" | "human" | "mixed" | "unknown";
  readonly agent: string;
  readonly model: string;
  readonly channel: string;
  readonly confidence: number;
  readonly name: string;
  /** How large its changes are, how often they break production, and the cycles that mending takes. */
  readonly lines: number;
  readonly breaks: number;
  readonly cycles: readonly number[];
}

const AUTHORS: readonly Author[] = [
  { authorship: "ai", agent: "Claude Code", model: "Opus 4.5", channel: "git-ai-note", confidence: 0.97, name: "Robin Okafor", lines: 46, breaks: 0.16, cycles: [1, 1, 2, 1] },
  { authorship: "ai", agent: "Copilot", model: "", channel: "git-author", confidence: 0.9, name: "copilot-swe-agent[bot]", lines: 58, breaks: 0.28, cycles: [2, 1, 3, 2] },
  { authorship: "ai", agent: "Cursor", model: "gpt-5.1", channel: "trailer", confidence: 0.55, name: "Sam Lindqvist", lines: 210, breaks: 0.42, cycles: [5, 2, 4, 1] },
  { authorship: "human", agent: "", model: "", channel: "git-ai-note", confidence: 0.95, name: "Kim Adeyemi", lines: 34, breaks: 0.12, cycles: [1, 2, 1, 1] },
  { authorship: "mixed", agent: "Claude Code", model: "Sonnet 4.5", channel: "agent-trace", confidence: 0.8, name: "Robin Okafor", lines: 64, breaks: 0.2, cycles: [1, 2] },
  { authorship: "unknown", agent: "", model: "", channel: "", confidence: 0, name: "Alex Marchetti", lines: 40, breaks: 0.15, cycles: [1, 3] },
];

const SUBJECTS = ["Look coupons up in the catalogue", "Print order dates in the customer's time zone", "Batch confirmations of paid orders", "Cache the price list for a minute", "Retry the payment provider once", "Index product names without accents", "Show stock per warehouse", "Refuse empty carts", "Page through results by cursor", "Round discounts to whole cents", "Move the worker's queue to streams", "Log the reason of a refund", "Rank exact matches first", "Drop the old checkout form", "Bound the size of an upload", "Send mails after the commit"];

/** What tests look for: commits and incidents that tell a story of their own. */
export interface History {
  readonly changes: number;
  readonly incidents: number;
  readonly hostileCommit: string;
  readonly laterRevisionCommit: string;
}

/** Eighteen weeks of two repositories, three services, three assistants, people and authors unknown, as raw rows. */
export async function fillHistory(store: Store, now: number): Promise<History> {
  const random = seededRandom(7);
  const rows = { changes: [] as object[], deployed: [] as object[], revisions: [] as object[], shares: [] as object[], exposure: [] as object[], deployments: [] as object[], backfills: [] as object[] };
  const journal = new JournalWriter();
  let number = 0;
  let incidents = 0;
  let hostileCommit = "";
  let laterRevisionCommit = "";
  const commitOf = (): string => createHash("sha1").update(`history ${(number += 1)}`).digest("hex");

  const change = (place: (typeof PLACES)[number], at: number, author: Author, subject: string): string => {
    const commit = commitOf();
    const added = Math.max(2, Math.round(author.lines * (0.3 + 1.6 * random())));
    const byAi = author.authorship === "ai" ? added : author.authorship === "mixed" ? Math.round(added / 2) : 0;
    const rest = added - byAi;
    const lines = [...(byAi > 0 ? [{ authorship: "ai", agent: author.agent, model: author.model, count: byAi }] : []), ...(rest > 0 ? [{ authorship: author.authorship === "unknown" ? "unknown" : "human", agent: "", model: "", count: rest }] : [])];
    const conflict = author.agent === "Claude Code" && number % 9 === 0;
    const evidence = [
      { channel: author.channel, agent: author.agent, role: "author", confidence: author.confidence, raw: author.agent === "" ? author.name : `${author.agent} ${author.model}`.trim() },
      ...(conflict ? [{ channel: "trailer", agent: "Copilot", role: "author", confidence: 0.8, raw: "Co-authored-by: Copilot <copilot@github.com>" }] : []),
    ].filter((one) => one.channel !== "");
    rows.changes.push({ repository: place.repository, commit, parents: [], authored_at: iso(at - HOUR), committed_at: iso(at), author_name: author.name, subject, merge: false, authorship: author.authorship, agent: author.agent, model: author.model, channel: author.channel, confidence: author.confidence, conflict, evidence: JSON.stringify(evidence), files: 1 + Math.floor(random() * 5), lines_added: added, lines_deleted: Math.round(added * random() * 0.7), lines, paths: [`${place.folder}/module-${number % 13}.ts`], teams: [place.team], version: 1 });
    return commit;
  };

  const deploy = (place: (typeof PLACES)[number], at: number, previous: string, commits: readonly string[], bound: boolean): DeploymentRef => {
    const revision = commits.at(-1) ?? "";
    const deployment = { service: place.service, environment: "production", revision, repository: place.repository, firstSeen: at };
    for (const commit of commits) rows.deployed.push({ repository: place.repository, service: place.service, environment: "production", revision, previous, commit, deployed_at: iso(at), bound, version: 1 });
    rows.revisions.push({ repository: place.repository, service: place.service, environment: "production", revision, previous, relation: previous === "" ? "first" : "forward", commits: commits.length, capped: false, deployed_at: iso(at), version: 1 });
    journal.write(at, "correlator", { kind: "deployment.seen", deployment });
    return deployment;
  };

  const serve = (deployment: DeploymentRef, until: number, broken: boolean): void => {
    let spans = 0;
    for (let at = deployment.firstSeen; at < until; at += DAY / 2) {
      const entries = Math.max(1, Math.round(((1800 + 900 * random()) * Math.min(DAY / 2, until - at)) / (DAY / 2)));
      spans += entries * 5;
      rows.exposure.push({ minute: iso(at).slice(0, 17) + "00", service: deployment.service, environment: "production", revision: deployment.revision, operation: "POST /orders", spans: entries * 5, entries, errors: broken && at === deployment.firstSeen ? 3 + Math.round(random() * 40) : 0 });
    }
    rows.deployments.push({ service: deployment.service, environment: "production", revision: deployment.revision, repository: deployment.repository, first_seen: iso(deployment.firstSeen), last_seen: iso(until - 60_000), spans });
  };

  const turns = new Map<Author, number>();
  for (const place of PLACES) {
    let previous = "";
    let at = now - WEEKS * 7 * DAY + 3 * HOUR;
    while (at < now - DAY) {
      const age = (now - at) / (WEEKS * 7 * DAY);
      const commits: { commit: string; author: Author; subject: string }[] = [];
      for (let one = 0, many = 1 + Math.floor(random() * 3); one < many; one += 1) {
        const author = pick(random, age);
        const hostile = place.service === "search" && hostileCommit === "" && age < 0.5;
        const subject = hostile ? HOSTILE.slice(0, 500) : (SUBJECTS[Math.floor(random() * SUBJECTS.length)] ?? "");
        const by: Author = hostile ? { ...author, authorship: "ai", agent: "<img src=x onerror=window.pwned=1>", model: "", channel: "trailer", confidence: 0.4, name: "\u202Eevil" } : author;
        const commit = change(place, at - (many - one) * 5 * HOUR, by, subject);
        if (hostile) hostileCommit = commit;
        commits.push({ commit, author: by, subject });
      }
      const bound = random() < 0.4;
      let deployment = deploy(place, at, previous, commits.map((one) => one.commit), bound);
      const guilty = commits.find(({ author }) => random() < author.breaks);
      const next = at + (2.5 + 4 * random()) * DAY;
      if (guilty !== undefined && next < now) {
        incidents += 1;
        const turn = turns.get(guilty.author) ?? 0;
        turns.set(guilty.author, turn + 1);
        if (laterRevisionCommit === "" && guilty.commit !== deployment.revision) laterRevisionCommit = guilty.commit;
        const cycles = guilty.author.cycles[turn % guilty.author.cycles.length] ?? 1;
        const incidentId = `inc_${guilty.commit.slice(0, 16)}`;
        const abstained = incidents % 11 === 0 ? "the best of 3 candidates scores 0.21, below the threshold of 0.35" : null;
        const suspects = [suspectOf(guilty.commit, guilty.subject, guilty.author, at - HOUR)];
        journal.write(at + HOUR, "correlator", { kind: "incident.opened", incidentId, deployment, finding: findingOf(guilty.subject, guilty.commit, at + HOUR, bound) });
        journal.write(at + HOUR + 2000, "correlator", { kind: "suspects.ranked", incidentId, ranking: { good: previous === "" ? null : previous, bad: deployment.revision, candidates: commits.length, abstained, suspects } });
        let from = at;
        for (let cycle = 1; cycle <= cycles; cycle += 1) {
          const until = at + ((next - at) * cycle) / (cycles + 1.5);
          serve({ ...deployment, firstSeen: from }, until, true);
          previous = deployment.revision;
          const fix = change(place, until - HOUR, AUTHORS[3 - (cycle % 2) * 3] ?? guilty.author, `Mend ${guilty.subject.slice(0, 60).toLowerCase()}`);
          deployment = deploy(place, until, previous, [fix], bound);
          const verdict = cycle === cycles ? "held" : "failed";
          journal.write(until + 1000, "correlator", { kind: "cycle.started", incidentId, cycle, deployment, commit: fix });
          journal.write(until + 3 * HOUR, "correlator", { kind: "cycle.judged", incidentId, cycle, verdict, test: { trials: 640, failures: verdict === "held" ? 0 : 38, rateBefore: 0.06, rateHeld: 0.006, logRatio: verdict === "held" ? -4.8 : 5.2, logAccept: -4.595, logReject: 4.595, alpha: 0.01, beta: 0.01 } });
          if (verdict === "failed") journal.write(until + 3 * HOUR + 1000, "correlator", { kind: "incident.reopened", incidentId, says: `cycle ${cycle} failed: 38 errors in 640 requests` });
          else journal.write(until + 3 * HOUR + 1000, "correlator", { kind: "incident.closed", incidentId, cycles });
          from = until;
        }
        serve({ ...deployment, firstSeen: from }, Math.min(next, now), false);
      } else serve(deployment, Math.min(next, now), false);
      previous = deployment.revision;
      at = next;
    }
    for (const [index, author] of AUTHORS.entries()) {
      if (author.authorship === "mixed") continue;
      rows.shares.push({ repository: place.repository, revision: NEWEST, path: `${place.folder}/module-${index}.ts`, authorship: author.authorship, agent: author.agent, model: author.model, teams: [place.team], at: iso(now - DAY), lines: 300 + index * 420, version: 1 });
    }
  }
  // Merged this morning and deployed nowhere yet.
  for (let one = 0; one < 3; one += 1) change(PLACES[one] ?? PLACES[0], now - (2 + one) * HOUR, AUTHORS[one] ?? pick(random, 0), SUBJECTS[one + 4] ?? "");
  for (const [repository, what] of [[SHOP, "changes"], [SHOP, "lines"], [SEARCH, "changes"], [SEARCH, "lines"]]) rows.backfills.push({ repository, revision: NEWEST, what, total: rows.changes.length, done: rows.changes.length, at: iso(now - HOUR), version: 1 });

  await journal.flush(store);
  for (const [table, all] of [["changes", rows.changes], ["deployed_changes", rows.deployed], ["deployed_revisions", rows.revisions], ["line_shares", rows.shares], ["exposure", rows.exposure], ["deployments", rows.deployments], ["backfills", rows.backfills]] as const) await insertRows(store.background, table, all);
  return { changes: rows.changes.length, incidents, hostileCommit, laterRevisionCommit };
}

/** Assistants write more and more of it as the weeks go by. */
function pick(random: () => number, age: number): Author {
  const weights = AUTHORS.map((one) => (one.authorship === "ai" ? 1.3 - age : one.authorship === "human" ? 0.6 + 1.6 * age : 0.45));
  let left = random() * weights.reduce((sum, one) => sum + one, 0);
  const found = AUTHORS.find((_, index) => (left -= weights[index] ?? 0) < 0);
  return found ?? AUTHORS[3] ?? (AUTHORS[0] as Author);
}

function suspectOf(commit: string, subject: string, author: Author, at: number): SuspectRecord {
  const { authorship, agent, model, confidence, channel } = author;
  return { commit, subject, authorName: author.name, authoredAt: at, score: 0.86, parts: [{ kind: "line", score: 0.86, says: "It wrote the line where the error is thrown.", places: [] }], attribution: { authorship, agent, model, confidence, evidence: channel === "" ? [] : [{ channel, agent, role: "author", confidence, raw: `${agent} ${model}`.trim() || author.name }] }, diff: "", assistantLines: {} };
}

function findingOf(subject: string, key: string, at: number, bound: boolean): Finding {
  const witness = { traceId: "", spanId: "", operation: "POST /orders", time: at };
  const base = { key: `grp_${key.slice(0, 16)}`, title: `TypeError after “${subject.slice(0, 80)}”: cannot read properties of undefined`, witness, count: 18, firstSeen: at };
  if (!bound) return { kind: "error", ...base, error: { type: "TypeError", message: "cannot read properties of undefined", stacktrace: "", frames: [] } };
  return { kind: "violation", ...base, key: `chk_${key.slice(0, 12)}`, title: "A paid order is confirmed within 5 seconds", violation: { checkName: "paid-order-is-confirmed", requirementId: "3.1", requirementTitle: "Confirmation", requirementText: "WHEN an order is paid, THE shop SHALL confirm the order within 5 seconds.", file: ".kiro/specs/confirmation/requirements.md", line: 9, specBlob: "9c1185a5", check: ['when: span.name == "order.paid"'], detail: "no order.confirmed within 5 s" } };
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "").replace("T", " ");
}
