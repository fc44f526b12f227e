import { describe, expect, it } from "vitest";
import { conflictOf, inTiers } from "./ledger.ts";

const evidence = (channel: string, agent: string, role = "author"): Parameters<typeof conflictOf>[0][number] => ({ channel, agent, role, confidence: 0.9, raw: "" });

describe("the ledger", () => {
  it("puts the stronger tier first, however sure the weaker one is", () => {
    const ledger = [{ ...evidence("trailer", "Copilot"), confidence: 0.99 }, evidence("git-ai-note", "Claude Code"), evidence("agent-trace", "Cursor")];
    expect(inTiers(ledger).map((one) => one.channel)).toEqual(["git-ai-note", "agent-trace", "trailer"]);
  });

  it("says which of two that disagree decides", () => {
    expect(conflictOf([evidence("trailer", "Copilot"), evidence("git-ai-note", "Claude Code")])).toBe("Trailer says Copilot, git-ai note says Claude Code: the git-ai note decides, as the stronger evidence.");
    expect(conflictOf([evidence("git-author", ""), evidence("trailer", "Cursor")])).toBe("Trailer says Cursor, author of the commit says a person: the author of the commit decides, as the stronger evidence.");
  });

  it("sees no conflict in agreement, nor in a reviewer's trailer", () => {
    expect(conflictOf([evidence("git-ai-note", "Claude Code"), evidence("trailer", "Claude Code")])).toBeNull();
    expect(conflictOf([evidence("git-ai-note", "Claude Code"), evidence("trailer", "Copilot", "reviewer")])).toBeNull();
    expect(conflictOf([evidence("git-ai-note", "Claude Code"), evidence("git-ai-note", "Cursor"), evidence("trailer", "Cursor")])).toBeNull();
    expect(conflictOf([])).toBeNull();
  });
});
