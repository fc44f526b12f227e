import { describe, expect, it } from "vitest";
import { decodePlan, encodePlan } from "./plan.ts";

describe("the plan in a committed offset", () => {
  it("comes back as it was written, beyond what a number holds", () => {
    const plan = { id: 2n ** 63n - 1n, to: 2n ** 60n + 1n };
    expect(decodePlan(encodePlan(plan))).toEqual(plan);
  });

  it.each([undefined, null, "", "text", "null", "[]", '{"v":2,"to":"1","id":"1"}', '{"v":1,"to":1,"id":"1"}', '{"v":1,"to":"x","id":"1"}', '{"v":1,"to":"-1","id":"1"}', '{"v":1,"to":"1","id":"99999999999999999999999999"}'])("is none in what others wrote: %s", (metadata) => {
    expect(decodePlan(metadata)).toBeNull();
  });
});
