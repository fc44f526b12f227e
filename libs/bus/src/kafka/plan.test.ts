import { expect, it } from "vitest";
import { decodePlan, encodePlan } from "./plan.ts";

it("reads what it wrote, and nothing that others wrote", () => {
  const plan = { id: 8_000_000_000_000_000_001n, to: 12n };
  expect(decodePlan(encodePlan(plan))).toEqual(plan);
  for (const text of [null, undefined, "", "x", "{}", "[]", "null", '{"v":2,"to":"1","id":"1"}', '{"v":1,"to":1,"id":"1"}', '{"v":1,"to":"1","id":"99999999999999999999999999"}', '{"v":1,"to":"-1","id":"1"}', '{"v":1,"to":"a","id":"1"}']) expect(decodePlan(text)).toBeNull();
});
