import { VERIFICATION_STEPS, type VerificationStep, type VerificationStepName } from "@firstfix/incident";
import { clean, cleanLine } from "../text.ts";

/** The record of a gate: steps in their order, the first failure last. */
export class Steps {
  readonly #done: VerificationStep[] = [];

  /** Records a step; returns whether the gate may go on. */
  record(step: VerificationStepName, status: VerificationStep["status"], says: string, output = "", ms = 0): boolean {
    this.#done.push({ step, status, says: cleanLine(says, 500), output: clean(output), ms: Math.round(ms) });
    return status !== "failed";
  }

  get failed(): boolean {
    return this.#done.some((one) => one.status === "failed");
  }

  /** All steps in gate order; what never ran is shown as skipped, with the reason. */
  all(why: string): VerificationStep[] {
    return VERIFICATION_STEPS.map((step) => this.#done.find((one) => one.step === step) ?? { step, status: "skipped", says: why, output: "", ms: 0 });
  }
}

/** Verified: nothing failed, the reproduction ran, and the requirement or the tests ran too. */
export function isVerified(steps: readonly VerificationStep[]): boolean {
  const passed = (name: VerificationStepName): boolean => steps.some((one) => one.step === name && one.status === "passed");
  return steps.every((one) => one.status !== "failed") && passed("applies") && passed("parses") && passed("reproduction") && (passed("requirement") || passed("tests"));
}
