import { context, SpanKind } from "@opentelemetry/api";
import { setTimeout as pause } from "node:timers/promises";
import { inSpan } from "./tracing.js";

const CONFIRM_MS = 15;
const QUEUE_MAX = 1_000;

/**
 * The queue of paid orders and the worker that confirms them. A job carries the context of the request that enqueued
 * it, so that its confirmation stands in the same trace.
 */
export class ConfirmationQueue {
  #orders;
  #jobs = [];
  #working = null;

  constructor(orders) {
    this.#orders = orders;
  }

  enqueue(orderId) {
    if (this.#jobs.length >= QUEUE_MAX) throw new Error(`The confirmation queue is full: ${QUEUE_MAX} orders wait.`);
    this.#jobs.push({ orderId, parent: context.active() });
    this.#working ??= this.#work();
  }

  /** Resolves once every order that was enqueued is confirmed. */
  async idle() {
    await this.#working;
  }

  async #work() {
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      await this.#confirm(job);
    }
    this.#working = null;
  }

  #confirm({ orderId, parent }) {
    return inSpan("order.confirm", { kind: SpanKind.CONSUMER, attributes: { "shop.order.id": orderId }, parent }, async (span) => {
      await pause(CONFIRM_MS);
      const order = this.#orders.markConfirmed(orderId);
      span.setAttribute("shop.order.status", order?.status ?? "forgotten");
    });
  }
}
