import { expect, it } from "vitest";
import { outOf, sharedBy } from "./shared.ts";

const deployments = (...commits: number[]): Parameters<typeof sharedBy>[0] => commits.map((many, index) => ({ service: `s${index}`, environment: "", revision: "r", deployedAt: 0, commits: many }));

it("says with how many commits figures are shared", () => {
  expect([sharedBy(deployments(8)), sharedBy(deployments(8, 8)), sharedBy(deployments(3, 1_200, 1))]).toEqual(["8 commits", "8 commits", "up to 1,200 commits"]);
  expect([sharedBy([]), sharedBy(deployments(1)), sharedBy(deployments(1, 1))]).toEqual([null, null, null]);
});

it("says out of how many evaluations, and where there were none", () => {
  expect([outOf(0), outOf(1), outOf(1_690)]).toEqual(["nothing was evaluated", "of 1 evaluation", "of 1,690 evaluations"]);
});
