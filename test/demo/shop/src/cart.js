import { priceCart } from "./pricing.js";
import { annotate } from "./tracing.js";

/** POST /cart/quote: what a cart would cost. Nothing is kept. */
export function quoteHandler(request, response) {
  const price = priceCart(request.body ?? {});
  annotate(request, {
    "shop.cart.lines": price.lines.length,
    "shop.cart.subtotal": price.subtotal,
    "shop.cart.shipping": price.shipping,
    "shop.cart.total": price.total,
    "shop.coupon.code": price.coupon,
  });
  response.json(price);
}
