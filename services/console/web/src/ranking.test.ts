import { expect, it } from "vitest";
import { abstention, rankOf, tied } from "./ranking.ts";

const of = (...scores: number[]): { commit: string; score: number }[] => scores.map((score, i) => ({ commit: String(i), score }));

it("gives a tie one rank and says that it is one", () => {
  const suspects = of(0.5, 0.3, 0.3001, 0.1);
  expect(suspects.map((one) => rankOf(suspects, one))).toEqual(["1", "=2", "=2", "4"]);
  expect(tied(of(0.012, 0.0121, 0.0118))).toBe(true);
  expect(tied(of(0.012, 0.01))).toBe(false);
  expect(tied(of(0.012))).toBe(false);
});

it("ends an abstention with one dot, its scores in percent", () => {
  const abstained = "The best score, 0.01, is below the least that names a suspect (0.35). No frame of the stack is a file of the repository at this revision.";
  expect(abstention({ abstained, suspects: of(0.012, 0.012) })).toBe("The best score, 1.2%, is below the least that names a suspect (35%). No frame of the stack is a file of the repository at this revision.");
  expect(abstention({ abstained: "Two commits are as likely (0.50 and 0.49).", suspects: of(0.499, 0.49) })).toBe("Two commits are as likely (50% and 49%).");
  expect(abstention({ abstained: "0.42 was released", suspects: [] })).toBe("0.42 was released.");
});
