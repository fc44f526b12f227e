import { findArticle } from "./catalog.js";
import { discountOf, findCoupon } from "./coupons.js";
import { Refusal } from "./errors.js";
import { shippingCost } from "./shipping.js";

const QUANTITY_MAX = 100;
const LINES_MAX = 50;

/** Prices a cart: `{items, coupon, shipping}` → lines, subtotal, discount, shipping and total, all in cents. */
export function priceCart(cart) {
  const lines = linesOf(cart.items);
  const coupon = findCoupon(cart.coupon);
  const subtotal = lines.reduce((sum, line) => sum + line.amount, 0);
  const discount = discountOf(coupon, subtotal);
  const shipping = shippingCost(cart.shipping, subtotal);
  return { lines, coupon: coupon?.code ?? null, subtotal, discount, shipping, total: subtotal - discount + shipping };
}

function linesOf(items) {
  if (!Array.isArray(items) || items.length === 0) throw new Refusal(400, "cart_empty", "There is nothing in the cart.");
  if (items.length > LINES_MAX) throw new Refusal(400, "cart_too_long", `A cart has at most ${LINES_MAX} lines.`);
  return items.map(({ sku, quantity = 1 }) => {
    const article = findArticle(sku);
    if (article === undefined) throw new Refusal(404, "article_unknown", `There is no article "${sku}".`);
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > QUANTITY_MAX) {
      throw new Refusal(400, "quantity_invalid", `A quantity is a whole number from 1 to ${QUANTITY_MAX}.`);
    }
    return { sku, quantity, amount: article.price * quantity };
  });
}
