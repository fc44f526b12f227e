import { randomUUID } from "node:crypto";

/** Oldest orders are forgotten beyond this many: the store is memory, not a database. */
const ORDERS_MAX = 10_000;

export class OrderStore {
  #orders = new Map();

  place(price, customer) {
    const order = { id: `ord_${randomUUID()}`, customer, ...price, status: "placed", receipt: null };
    this.#orders.set(order.id, order);
    if (this.#orders.size > ORDERS_MAX) this.#orders.delete(this.#orders.keys().next().value);
    return order;
  }

  find(id) {
    return this.#orders.get(id);
  }

  markPaid(order, receipt) {
    order.receipt = receipt;
    order.status = "paid";
  }

  markDeclined(order) {
    order.status = "declined";
  }

  markConfirmed(id) {
    const order = this.#orders.get(id);
    if (order !== undefined) order.status = "confirmed";
    return order;
  }
}
