import { createHash } from "node:crypto";
import { insertRows, type Store } from "@firstfix/store";
import { JournalWriter } from "./fixture-journal.ts";
import { HOSTILE } from "./fixture-names.ts";

const HOUR = 3_600_000;
const REPOSITORY = "https://git.example.com/acme/a-repository-whose-name-goes-on-for-longer-than-anybody-would-type-it";
const ASSISTANTS = 40;
const NAMES = ["Assistant", "مساعد البرمجة الذي يكتب من اليمين إلى اليسار", "An assistant with a name that its vendor must have been paid for by the letter", "<b>bold</b>", "עוזר", "W".repeat(120)];
const SUBJECTS = ["Mend it", "إصلاح سلة المشتريات عند إدخال رمز غير معروف", "Supercalifragilistic".repeat(12), HOSTILE.slice(0, 400), "修正：优惠券为空时总价为负的问题"];

/** One commit in one deployment: of `one`; and of `many` 40 assistants whose names and subjects are as strangers may choose them. */
export async function fillExtreme(store: Store, now: number, which: "one" | "many"): Promise<string> {
  const journal = new JournalWriter();
  const rows = { changes: [] as object[], deployed: [] as object[], revisions: [] as object[], exposure: [] as object[], deployments: [] as object[] };
  let commit = "";
  for (let one = 0; one < (which === "one" ? 1 : ASSISTANTS); one += 1) {
    const previous = commit;
    commit = createHash("sha1").update(`extreme ${one}`).digest("hex");
    const at = now - (ASSISTANTS + 1 - one) * HOUR;
    const of = <T>(list: readonly T[]): T => list[(which === "one" ? 0 : one) % list.length] as T;
    const agent = which === "one" ? "Claude Code" : `${of(NAMES)} ${one}`;
    const place = { repository: REPOSITORY, service: which === "one" ? "shop" : `${of(SUBJECTS).slice(0, 90)}-${one % 7}`, environment: "production", revision: commit };
    const author = { authorship: "ai", agent, model: "", channel: "trailer", confidence: 0.8 };
    rows.changes.push({ repository: REPOSITORY, commit, parents: [], authored_at: iso(at - HOUR), committed_at: iso(at - HOUR), author_name: of(NAMES), subject: of(SUBJECTS), merge: false, ...author, conflict: one % 5 === 4, evidence: JSON.stringify([{ channel: "trailer", agent, role: "author", confidence: 0.8, raw: `Co-authored-by: ${of(NAMES)}` }]), files: 1, lines_added: 12 + one * 9, lines_deleted: 3, lines: [{ authorship: "ai", agent, model: "", count: 12 + one * 9 }], paths: [`src/${of(SUBJECTS).slice(0, 120).replaceAll("/", "")}.ts`], teams: [`@acme/${of(NAMES)}`], version: 1 });
    rows.deployed.push({ ...place, previous, commit, deployed_at: iso(at), bound: false, version: 1 });
    rows.revisions.push({ ...place, previous, relation: previous === "" ? "first" : "forward", commits: 1, capped: false, deployed_at: iso(at), version: 1 });
    rows.exposure.push({ minute: `${iso(at).slice(0, 17)}00`, service: place.service, environment: "production", revision: commit, operation: "POST /orders", spans: 500, entries: 100, errors: one % 3 });
    rows.deployments.push({ ...place, first_seen: iso(at), last_seen: iso(at + HOUR), spans: 500 });
    journal.write(at, "correlator", { kind: "deployment.seen", deployment: { ...place, firstSeen: at } });
  }
  await journal.flush(store);
  for (const [table, all] of [["changes", rows.changes], ["deployed_changes", rows.deployed], ["deployed_revisions", rows.revisions], ["exposure", rows.exposure], ["deployments", rows.deployments]] as const) await insertRows(store.background, table, all);
  return commit;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "").replace("T", " ");
}
