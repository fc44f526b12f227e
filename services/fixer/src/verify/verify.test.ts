import type { Finding } from "@firstfix/incident";
import type { CapturedRequest } from "@firstfix/otlp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestJudgement } from "../replay/judge.ts";
import { masked } from "./answers.ts";
import { variationProblems, type References } from "./compare.ts";
import { isVerified, Steps } from "./steps.ts";
import { newFailure, outcomeOf } from "./tests.ts";
import { variationsOf } from "./variations.ts";

const request = (body: unknown, target = "/checkout"): CapturedRequest => ({ method: "POST", target, headers: {}, body: body === undefined ? null : JSON.stringify(body), bodyEncoding: "utf8", truncated: false });

describe("variations", () => {
  it("vary numbers, fields, lists and neighbours", () => {
    const bodies = variationsOf(request({ items: [{ price: 5, count: 2 }], gift: true })).map((one) => one.request.body);
    expect(bodies).toEqual(expect.arrayContaining(['{"items":[],"gift":true}', '{"items":[{"price":0,"count":2}],"gift":true}', '{"items":[{"price":5}],"gift":true}', '{"items":[{"price":2,"count":5}],"gift":true}', '{"gift":true}', '{"items":[{"price":5,"count":2}],"gift":false}'].filter((one) => one !== '{"gift":true}')));
    expect(variationsOf(request(undefined, "/a?n=3")).map((one) => one.request.target)).toEqual(["/a?n=0", "/a?n=-1", "/a?n=31", "/a?"]);
  });

  it("are always the same, bounded, and never throw", () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => {
      const all = variationsOf(request(body));
      expect(all.length).toBeLessThanOrEqual(20);
      expect(variationsOf(request(body))).toEqual(all);
    }));
    expect(variationsOf({ ...request(1), body: "no json" })).toEqual([]);
    expect(Object.getPrototypeOf(JSON.parse(variationsOf(request(JSON.parse('{"__proto__":{"a":1},"b":2}')))[0]?.request.body ?? "{}"))).toBe(Object.prototype);
  });
});

describe("what is new beside the captured request", () => {
  const finding = { kind: "violation", key: "chk", title: "", witness: {}, count: 1, firstSeen: 0 } as unknown as Finding;
  const one = (more: Partial<RequestJudgement> = {}): RequestJudgement => ({ id: "variation-0", status: 200, body: '{"total":5}', errors: [], violated: new Map(), satisfied: new Map(), pending: new Set(), traced: true, ...more });
  const problems = (now: Partial<RequestJudgement>, base: Partial<RequestJudgement>, good: Partial<RequestJudgement> | null): string[] => {
    const references: References = { finding, base: new Map([["variation-0", one(base)]]), good: good === null ? null : new Map([["variation-0", one(good)]]) };
    return variationProblems([{ says: "x", request: request({}) }], new Map([["variation-0", one(now)]]), references);
  };
  const error = { hashes: ["h"], title: "TypeError", type: "TypeError", top: null };

  it("lets pass what was so before", () => {
    expect(problems({}, {}, {})).toEqual([]);
    expect(problems({ errors: [error], status: 500 }, { errors: [error], status: 500 }, null)).toEqual([]);
    expect(problems({ violated: new Map([["chk", "-1"]]) }, { violated: new Map([["chk", "-1"]]) }, { violated: new Map([["chk", "-1"]]) })).toEqual([]);
    expect(problems({ body: '{"total":7}' }, { body: '{"total":5}' }, { body: '{"total":7}' })).toEqual([]);
  });

  it("names new errors, the finding itself, refusals and other answers", () => {
    expect(problems({ errors: [error] }, {}, {})).toHaveLength(1);
    expect(problems({ status: 500 }, {}, {})).toEqual(["x: answered 500, was 200"]);
    expect(problems({ status: 422 }, {}, {})).toEqual(["x: refused with 422, was 200"]);
    // The failing revision shows the finding here too; only the good one could excuse it.
    expect(problems({ violated: new Map([["chk", "-1"]]) }, { violated: new Map([["chk", "-1"]]) }, {})).toHaveLength(1);
    expect(problems({ body: '{"total":0}' }, {}, {})[0]).toContain("both revisions before");
  });

  it("masks what differs by itself and nothing else", () => {
    expect(masked('{"id":"a1","total":5,"at":17}')).toBe(masked('{"id":"b2","total":5,"at":18}'));
    expect(masked('{"total":5}')).not.toBe(masked('{"total":6}'));
    expect(masked('{"status":"paid"}')).not.toBe(masked('{"status":"open"}'));
  });
});

describe("test runs", () => {
  const result = (code: number | null, output: string): Parameters<typeof outcomeOf>[0] => ({ code, killed: code === null ? "time" : null, output, ms: 1 });

  it("compares by the names of failing tests", () => {
    const before = outcomeOf(result(1, "✖ adds up (1.2ms)\nnot ok 2 - takes off\n"));
    expect([...before.failures]).toEqual(["adds up", "takes off"]);
    expect(newFailure(before, outcomeOf(result(0, "")))).toBeNull();
    expect(newFailure(before, outcomeOf(result(1, "not ok 7 - takes off\n")))).toBeNull();
    expect(newFailure(before, outcomeOf(result(1, "✖ rounds (2ms)\n")))).toContain("rounds");
    expect(newFailure(before, outcomeOf(result(1, "Segmentation fault")))).toContain("nothing can be compared");
    expect(newFailure(outcomeOf(result(0, "")), before)).toContain("passed before");
    expect(newFailure(before, outcomeOf(result(null, "")))).toContain("time");
  });
});

describe("the word verified", () => {
  it("needs the reproduction and one of requirement and tests, and no failure", () => {
    const steps = (failing: boolean, tests: boolean): ReturnType<Steps["all"]> => {
      const record = new Steps();
      record.record("applies", "passed", "");
      record.record("parses", "passed", "");
      record.record("reproduction", "passed", "");
      if (tests) record.record("tests", failing ? "failed" : "passed", "\u001b[31mred\u001b[0m\u0000");
      return record.all("not run");
    };
    expect(isVerified(steps(false, true))).toBe(true);
    expect(isVerified(steps(true, true))).toBe(false);
    expect(isVerified(steps(false, false))).toBe(false);
    expect(isVerified(steps(false, true).filter((one) => one.step !== "reproduction"))).toBe(false);
    expect(steps(true, true).find((one) => one.step === "tests")?.says).toBe("red");
    expect(steps(true, true).map((one) => one.step)).toEqual(["applies", "parses", "reproduction", "tests", "requirement", "other-checks", "variations"]);
  });
});
