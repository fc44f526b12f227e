import { Refusal } from "./errors.js";
import { checkPayment } from "./payment.js";
import { priceCart } from "./pricing.js";
import { receiptView } from "./settlement.js";
import { annotate } from "./tracing.js";

/** POST /checkout: prices the cart, places the order and settles it. */
export function checkoutHandler({ orders, settlement }) {
  return async (request, response) => {
    const { customer, payment, ...cart } = request.body ?? {};
    checkCustomer(customer);
    checkPayment(payment);

    const price = priceCart(cart);
    const order = orders.place(price, customer);
    annotate(request, {
      "shop.order.id": order.id,
      "shop.order.subtotal": order.subtotal,
      "shop.order.discount": order.discount,
      "shop.order.shipping": order.shipping,
      "shop.order.total": order.total,
      "shop.coupon.code": order.coupon,
      "shop.payment.method": payment.method,
    });

    const receipt = await settlement.settle(order, payment);
    annotate(request, { "shop.payment.status": receipt.status, "shop.payment.amount": receipt.amount });
    response.status(201).json({ id: order.id, status: order.status, total: order.total, receipt: receiptView(receipt) });
  };
}

function checkCustomer(customer) {
  if (typeof customer?.email !== "string" || !customer.email.includes("@")) {
    throw new Refusal(400, "customer_invalid", "An order needs the customer's e-mail address.");
  }
}
