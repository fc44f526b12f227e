import { insertRows, type Store } from "@firstfix/store";
import { HOSTILE, REPOSITORY, REVISIONS, TRACES } from "./fixture-names.ts";

const MINUTE = 60_000;

/** What the shop's services sent that morning: traffic per minute, errors, judged checks, and the witnesses' traces. */
export async function fillTelemetry(store: Store, now: number, seen: Readonly<Record<keyof typeof REVISIONS, number>>): Promise<void> {
  const client = store.background;
  const exposure: object[] = [];
  const errors: object[] = [];
  const checks: object[] = [];
  const deployments: object[] = [];
  const first = Math.floor((now - 95 * MINUTE) / MINUTE) * MINUTE;
  for (let at = first, index = 0; at < now; at += MINUTE, index += 1) {
    const which = at >= seen.cycle2 ? "cycle2" : at >= seen.cycle1 ? "cycle1" : at >= seen.bad ? "bad" : "good";
    const entries = 26 + ((index * 7) % 11) + (index % 17 === 0 ? 9 : 0);
    const broken = which === "good" ? 0 : (index * 5) % 3;
    const scope = { minute: seconds(at), service: "shop", environment: "production", revision: REVISIONS[which] };
    exposure.push({ ...scope, operation: "POST /checkout", spans: entries * 6, entries, errors: broken });
    for (let one = 0; one < broken; one += 1) errors.push(error("grp_c0c0c0c0c0c0c0c0", at + one * 9000, REVISIONS[which], `TypeError`, "Cannot read properties of undefined (reading 'percent')", TRACES.proposed));
    checks.push({ batch_id: index, ...scope, check_key: "chk_total", evaluated: entries, violated: which === "bad" ? index % 3 : 0, inconclusive: 0 });
    checks.push({ batch_id: index, ...scope, check_key: "chk_confirm", evaluated: Math.round(entries / 2), violated: which === "bad" || which === "cycle1" ? index % 2 : 0, inconclusive: 0 });
  }
  for (let one = 0; one < 30; one += 1) errors.push(error("grp_1234567890abcdef", now - 3 * MINUTE + one * 5000, REVISIONS.cycle2, "ConnectionError", "connect ECONNREFUSED 10.0.4.17:5432", TRACES.gap));
  for (const which of ["good", "bad", "cycle1", "cycle2"] as const) {
    const last = { good: seen.bad, bad: seen.cycle1, cycle1: seen.cycle2, cycle2: now - 4000 }[which];
    deployments.push({ service: "shop", environment: "production", revision: REVISIONS[which], repository: REPOSITORY, first_seen: iso(seen[which]), last_seen: iso(last), spans: Math.round((last - seen[which]) / 300) });
  }
  await insertRows(client, "exposure", exposure);
  await insertRows(client, "errors", errors);
  await insertRows(client, "check_exposure", checks);
  await insertRows(client, "deployments", deployments);
  await insertRows(client, "spans", [...checkoutTrace(TRACES.proposed, seen.bad + 4000, true), ...checkoutTrace(TRACES.closed, seen.bad + 5000, false), ...checkoutTrace(TRACES.verifying, seen.bad + 20_000, false), hostileSpan(now - 9 * MINUTE)]);
}

function error(group: string, at: number, revision: string, type: string, message: string, trace: string): object {
  return { error_id: `${group}-${at}`, group_id: group, fingerprint: `fpr_${Math.floor(at / 9000) % 2 === 0 ? "1" : "2"}${group.slice(5)}`, time: iso(at), trace_hex: trace, span_hex: "0070672a0b290237", service: "shop", environment: "production", revision, repository: REPOSITORY, operation: "POST /checkout", type, message, stacktrace: "", file: "src/coupons.js", function: "discountFor", line: 14 };
}

function checkoutTrace(trace: string, at: number, fails: boolean): object[] {
  const root = "0070672a0b290237";
  const captures = fails
    ? {
        "firstfix.capture.request": JSON.stringify({ method: "POST", target: "/checkout", headers: { "content-type": "application/json", authorization: "[redacted]" }, body: '{"cart":"c-1042","coupon":"SPRING24","payment":{"card":"[redacted]"}}', bodyEncoding: "utf8", truncated: false }),
        "firstfix.capture.locals": JSON.stringify({ frames: [{ function: "discountFor", file: "/app/src/coupons.js", line: 14, variables: { code: "SPRING24", total: 4200, coupon: null } }, { function: "priceOf", file: "/app/src/checkout.js", line: 31, variables: { cart: { id: "c-1042", lines: [{ sku: "mug", price: 2100, quantity: 2 }], coupon: "SPRING24" }, total: 4200 } }] }),
      }
    : {};
  const row = (span: string, parent: string, name: string, kind: string, offset: number, ms: number, attributes: Record<string, string>, more: object = {}): object => ({
    trace_id: bytes(trace),
    span_id: bytes(span),
    parent_span_id: bytes(parent),
    start_time: iso(at + offset),
    duration_ns: Math.round(ms * 1e6),
    service: "shop",
    environment: "production",
    revision: REVISIONS.bad,
    repository: REPOSITORY,
    name,
    kind,
    status_code: "unset",
    status_message: "",
    attr_str: attributes,
    resource: JSON.stringify({ str: { "service.name": "shop", "vcs.ref.head.revision": REVISIONS.bad, "process.runtime.name": "nodejs" } }),
    ...more,
  });
  const failure = fails ? { status_code: "error", status_message: "Cannot read properties of undefined (reading 'percent')", events: [{ time: iso(at + 11), name: "exception", attributes: JSON.stringify({ "exception.type": "TypeError", "exception.message": "Cannot read properties of undefined (reading 'percent')", "exception.stacktrace": "TypeError: Cannot read properties of undefined (reading 'percent')\n    at discountFor (/app/src/coupons.js:14:30)\n    at priceOf (/app/src/checkout.js:31:20)" }) }] } : {};
  return [
    row(root, "", "POST /checkout", "server", 0, 18.4, { "http.request.method": "POST", "http.route": "/checkout", "url.path": "/checkout", ...captures }, { attr_int: { "http.response.status_code": fails ? 500 : 200, ...(fails ? {} : { "shop.order.total": -2000 }) }, ...failure }),
    row("1170672a0b290237", root, "middleware - jsonParser", "internal", 1, 0.6, { "express.type": "middleware" }),
    row("2270672a0b290237", root, "request handler - /checkout", "internal", 2, 16.1, { "express.type": "request_handler" }),
    row("3370672a0b290237", "2270672a0b290237", "SELECT carts", "client", 3, 4.2, { "db.system.name": "postgresql", "db.query.text": "SELECT * FROM carts WHERE id = $1" }),
    row("4470672a0b290237", "2270672a0b290237", "GET catalogue /coupons/{code}", "client", 8, 2.4, { "http.request.method": "GET", "server.address": "catalogue" }),
    row("5570672a0b290237", "4470672a0b290237", "GET /coupons/:code", "server", 8, 1.5, { "http.route": "/coupons/:code" }, { service: "catalogue", attr_int: { "http.response.status_code": 404 } }),
    ...(fails ? [] : [row("6670672a0b290237", "2270672a0b290237", "order.paid", "producer", 12, 1.1, { "shop.order.id": "o-5123" })]),
  ];
}

function hostileSpan(at: number): object {
  return { trace_id: bytes(TRACES.gap), span_id: bytes("0070672a0b290237"), parent_span_id: "", start_time: iso(at), duration_ns: 1e6, service: "search", environment: "production", revision: "", repository: "", name: HOSTILE.slice(0, 200), kind: "server", status_code: "error", status_message: HOSTILE, attr_str: { "<b>key</b>": HOSTILE, "firstfix.capture.locals": HOSTILE } };
}

/** Rows go in as JSON, which carries bytes below 0x80 unchanged: the fixture's ids hold no others. */
function bytes(hex: string): string {
  return Buffer.from(hex, "hex").toString("latin1");
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function seconds(ms: number): string {
  return iso(Math.floor(ms / MINUTE) * MINUTE).slice(0, 19);
}
