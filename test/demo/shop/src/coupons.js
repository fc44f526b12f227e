import { Refusal } from "./errors.js";

/** Coupons in circulation. A percent coupon takes a share of the goods, a flat coupon a fixed amount of cents. */
const COUPONS = new Map([
  ["SPRING10", { code: "SPRING10", kind: "percent", percent: 10 }],
  ["STUDENT15", { code: "STUDENT15", kind: "percent", percent: 15 }],
  ["TENOFF", { code: "TENOFF", kind: "flat", amount: 1000 }],
]);

/** The coupon of that code, or null where the customer gave none. */
export function findCoupon(code) {
  if (code === undefined || code === null || code === "") return null;
  const coupon = COUPONS.get(String(code).toUpperCase());
  if (coupon === undefined) throw new Refusal(422, "coupon_unknown", "This coupon does not exist.");
  return coupon;
}

/** What the coupon takes off goods worth `subtotal`. */
export function discountOf(coupon, subtotal) {
  if (coupon === null) return 0;
  if (coupon.kind === "percent") {
    return Math.round((subtotal * coupon.percent) / 100);
  }
  return Math.min(coupon.amount, subtotal);
}
