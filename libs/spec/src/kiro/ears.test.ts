import { expect, test } from "vitest";
import { parseEars } from "./ears.ts";

test.each([
  ["THE Shop SHALL confirm orders", "ubiquitous", "", "Shop", "confirm orders"],
  ["The system shall answer", "ubiquitous", "", "system", "answer"],
  ["Shop SHALL answer", "ubiquitous", "", "Shop", "answer"],
  ["WHEN a coupon is applied, THE Cart Service SHALL lower the total", "event", "a coupon is applied", "Cart Service", "lower the total"],
  ["WHEN x happens THEN the system SHALL answer", "event", "x happens", "system", "answer"],
  ["WHEN the cart is empty the system SHALL say so", "event", "the cart is empty", "system", "say so"],
  ["IF the card fails, THEN THE Shop SHALL keep the cart", "unwanted", "the card fails", "Shop", "keep the cart"],
  ["WHILE paying, the Shop SHALL lock the cart, and the total SHALL stay", "state", "paying", "Shop", "lock the cart, and the total SHALL stay"],
  ["WHERE gifts are sold, THE Shop SHALL wrap them", "optional", "gifts are sold", "Shop", "wrap them"],
  ["WHILE paying, WHEN a coupon comes, THE Shop SHALL refuse it", "complex", "WHILE paying, WHEN a coupon comes", "Shop", "refuse it"],
])("%s", (text, pattern, trigger, system, response) => {
  expect(parseEars(text)).toEqual({ pattern, trigger, system, response });
});

test("a sentence without SHALL is no EARS", () => {
  expect(parseEars("The total is right.")).toBeNull();
});
