const FREE_FROM = 5000;
const RATE_BY_COUNTRY = { DE: 490, AT: 690, FR: 890, NL: 890 };
const RATE_ELSEWHERE = 1490;

/** Shipping costs in cents. An order without an address is picked up at the shop and costs nothing to ship. */
export function shippingCost(shipping, subtotal) {
  if (shipping === undefined || subtotal >= FREE_FROM) return 0;
  return RATE_BY_COUNTRY[shipping.country] ?? RATE_ELSEWHERE;
}
