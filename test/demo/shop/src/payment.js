import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { SpanKind } from "@opentelemetry/api";
import { Refusal } from "./errors.js";
import { inSpan } from "./tracing.js";

export const METHODS = ["card", "wallet", "invoice"];

const PROVIDER_MS = 8;

export function checkPayment(payment) {
  if (!METHODS.includes(payment?.method)) throw new Refusal(400, "payment_method_unknown", `Pay by ${METHODS.join(", ")}.`);
  if (payment.method !== "invoice" && typeof payment.token !== "string") {
    throw new Refusal(400, "payment_token_missing", "A payment by card or wallet needs a token.");
  }
}

/** Takes the money through the provider of that method. Resolves to a receipt; its status is "paid" or "declined". */
export function charge(payment, amount) {
  const attributes = { "shop.payment.method": payment.method, "shop.payment.amount": amount };
  return inSpan("payment.charge", { kind: SpanKind.CLIENT, attributes }, async (span) => {
    await pause(PROVIDER_MS);
    const status = payment.token === "tok_declined" ? "declined" : "paid";
    span.setAttribute("shop.payment.status", status);
    return { id: `rcp_${randomUUID()}`, method: payment.method, amount, status };
  });
}
