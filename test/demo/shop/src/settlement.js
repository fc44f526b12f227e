import { Refusal } from "./errors.js";
import { charge } from "./payment.js";

/**
 * Settles orders: takes the money, and hands every paid order to the confirmation queue. An invoice is paid for by
 * our factoring partner at once, so it is settled like the other methods.
 */
export class Settlement {
  #orders;
  #confirmations;

  constructor(orders, confirmations) {
    this.#orders = orders;
    this.#confirmations = confirmations;
  }

  async settle(order, payment) {
    const receipt = await charge(payment, order.total);
    if (receipt.status === "declined") {
      this.#orders.markDeclined(order);
      throw new Refusal(402, "payment_declined", "The payment was declined.");
    }
    this.#orders.markPaid(order, receipt);
    this.#confirmations.enqueue(order.id);
    return receipt;
  }
}

/** What the customer gets to see of a receipt. */
export function receiptView(receipt) {
  return {
    id: receipt.id,
    method: receipt.method,
    amount: receipt.amount,
  };
}
