import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@firstfix/kit";

export interface TrafficOptions {
  readonly baseUrl: string;
  readonly ratePerSecond: number;
  /** The same seed gives the same sequence of requests. */
  readonly seed: number;
  /** Ends the traffic; requests under way are still waited for. */
  readonly signal: AbortSignal;
}

export interface TrafficResult {
  readonly sent: number;
  readonly ok: number;
  /** Answered with 4xx: part of ordinary traffic. */
  readonly refused: number;
  /** Answered with 5xx. */
  readonly failed: number;
  /** Not answered at all, as while a deployment changes over. */
  readonly unanswered: number;
}

const REQUEST_MS_MAX = 5_000;
/** Requests under way at once; a shop that hangs is not buried under more. */
const IN_FLIGHT_MAX = 64;

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

type Random = () => number;

/** Drives a shop with the mixed traffic of its customers at an even rate, until the signal says stop. */
export async function runTraffic({ baseUrl, ratePerSecond, seed, signal }: TrafficOptions): Promise<TrafficResult> {
  const random = seededRandom(seed);
  const counts = { sent: 0, ok: 0, refused: 0, failed: 0, unanswered: 0 };
  const underWay = new Set<Promise<void>>();
  let lastOrder = "ord_none";
  const send = async (call: Call): Promise<void> => {
    try {
      const { status, text } = await request(baseUrl, call);
      counts[status >= 500 ? "failed" : status >= 400 ? "refused" : "ok"] += 1;
      lastOrder = /"id":"(ord_[^"]+)"/.exec(text)?.[1] ?? lastOrder;
    } catch {
      counts.unanswered += 1;
    }
  };
  const start = performance.now();
  while (!signal.aborted) {
    if (underWay.size < IN_FLIGHT_MAX) {
      counts.sent += 1;
      const done = send(nextCall(random, lastOrder)).finally(() => underWay.delete(done));
      underWay.add(done);
    }
    const due = start + (counts.sent * 1000) / ratePerSecond;
    await sleep(Math.max(1, due - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(underWay);
  return counts;
}

/** What customers do, in percent. */
function nextCall(random: Random, lastOrder: string): Call {
  return pick<() => Call>(random, [
    [12, () => ({ method: "GET", path: "/catalog" })],
    [8, () => ({ method: "GET", path: `/orders/${lastOrder}` })],
    [30, () => ({ method: "POST", path: "/cart/quote", body: ordinaryCart(random) })],
    [2, () => ({ method: "POST", path: "/cart/quote", body: { items: [] } })],
    [48, () => ({ method: "POST", path: "/checkout", body: checkout(random) })],
  ])();
}

function checkout(random: Random): unknown {
  const customer = { name: pick(random, [[1, "A. Customer"], [1, "B. Customer"]]), email: `customer${String(Math.floor(random() * 500))}@shop.example` };
  const card = { method: "card", token: `tok_${random().toString(36).slice(2, 10)}` };
  const ordinary = { ...ordinaryCart(random), customer, payment: card };
  return pick<() => unknown>(random, [
    [50, () => ordinary],
    [10, () => ({ ...ordinary, payment: { method: "invoice" } })],
    [10, () => ({ ...ordinary, payment: { method: "wallet", token: card.token } })],
    [10, () => ({ ...ordinary, shipping: undefined })],
    [10, () => ({ ...ordinary, items: [{ sku: pick(random, [[1, "postcard"], [1, "pencil"]]), quantity: 1 }], coupon: "TENOFF", shipping: { country: "DE", postcode: "50667" } })],
    [5, () => ({ ...ordinary, payment: { method: "card", token: "tok_declined" } })],
    [3, () => ({ ...ordinary, coupon: "EXPIRED" })],
    [2, () => ({ ...ordinary, customer: {} })],
  ])();
}

function ordinaryCart(random: Random): Record<string, unknown> {
  const sku = (): string => pick(random, [[3, "notebook"], [3, "mug"], [2, "poster"], [2, "lamp"], [1, "chair"]]);
  return {
    items: Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({ sku: sku(), quantity: 1 + Math.floor(random() * 2) })),
    ...pick(random, [[6, {}], [3, { coupon: "SPRING10" }], [1, { coupon: "TENOFF" }]]),
    shipping: pick(random, [[6, { country: "DE", postcode: "10115" }], [2, { country: "AT", postcode: "1010" }], [1, { country: "FR", postcode: "75001" }], [1, { country: "SE", postcode: "11120" }]]),
  };
}

async function request(baseUrl: string, { method, path, body }: Call): Promise<{ status: number; text: string }> {
  const response = await fetch(baseUrl + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  });
  return { status: response.status, text: await response.text() };
}

/** One of the values, each as often as its weight says. */
function pick<T>(random: Random, weighted: readonly (readonly [weight: number, value: T])[]): T {
  let at = random() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of weighted) {
    at -= weight;
    if (at < 0) return value;
  }
  const last = weighted.at(-1);
  if (last === undefined) throw new Error("Nothing to pick from.");
  return last[1];
}
