import { FirstfixError, createLogger } from "@firstfix/kit";
import { describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { waitFor, type WaitOptions } from "./wait.ts";

const away = (): FirstfixError => new FirstfixError("bus.unavailable", "no broker answers", { retryable: true });
const options = (more: Partial<WaitOptions> = {}): WaitOptions & { readonly health: Health } => ({
  part: "bus",
  health: new Health(),
  log: createLogger("test", "silent"),
  signal: new AbortController().signal,
  passes: (error) => error instanceof FirstfixError && error.retryable,
  pauseMs: 1,
  ...more,
});

describe("waiting for what is away", () => {
  it("tries until it is there, and says meanwhile that it waits", async () => {
    const all = options();
    let attempts = 0;
    const states: (string | undefined)[] = [];
    const outcome = await waitFor(async () => {
      states.push((await all.health.report()).parts[0]?.state);
      attempts += 1;
      if (attempts < 4) throw away();
      return "there";
    }, all);
    expect(outcome).toBe("there");
    expect(states).toEqual(["starting", "waiting", "waiting", "waiting"]);
  });

  it("ends at once with an error that does not pass", async () => {
    let attempts = 0;
    const failing = waitFor(() => {
      attempts += 1;
      return Promise.reject(new FirstfixError("config.invalid", "wrong password"));
    }, options());
    await expect(failing).rejects.toThrow("wrong password");
    expect(attempts).toBe(1);
  });

  it("ends by the signal, between attempts and in the pause", async () => {
    const stop = new AbortController();
    const waiting = waitFor(() => Promise.reject(away()), options({ signal: stop.signal, pauseMs: 60_000 }));
    setTimeout(() => stop.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  });

  it("writes one line for a long wait, and one when it is over", async () => {
    const lines: string[] = [];
    const log = { warn: (_fields: unknown, line: string) => lines.push(line), info: (_fields: unknown, line: string) => lines.push(line) } as unknown as WaitOptions["log"];
    let attempts = 0;
    await waitFor(() => {
      attempts += 1;
      return attempts < 5 ? Promise.reject(away()) : Promise.resolve();
    }, options({ log }));
    expect(lines).toEqual(["waits, because what it needs is away", "is there now"]);
  });
});
