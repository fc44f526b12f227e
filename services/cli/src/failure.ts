import { FirstfixError, messageOf, type ErrorCode } from "@firstfix/kit";
import { visible } from "./terminal.ts";

const SAYS_MAX = 2_000;
/** What cannot be right wherever and whenever it is called. */
const CALLED_WRONGLY: readonly ErrorCode[] = ["config.invalid", "bad_request"];

/** Exit codes: 0 done, 1 failed, 2 called or configured wrongly, 130 interrupted, as a shell says it. */
export const EXIT = { failed: 1, calledWrongly: 2, interrupted: 130 } as const;

/** Tells a person what went wrong, in one line and a hint, whatever texts of strangers are in it. */
export function tellFailure(error: unknown): void {
  console.error(`firstfix: ${oneLine(messageOf(error))}`);
  if (error instanceof FirstfixError && error.hint !== undefined) console.error(`  hint: ${oneLine(error.hint)}`);
  process.exitCode = exitOf(error);
}

function exitOf(error: unknown): number {
  if (!(error instanceof FirstfixError)) return EXIT.failed;
  if (error.code === "interrupted") return EXIT.interrupted;
  return CALLED_WRONGLY.includes(error.code) ? EXIT.calledWrongly : EXIT.failed;
}

/**
 * Whoever reads the output may stop (`| head -1`): the work is done all the same, and quietly. Output that is lost
 * otherwise, as on a full disk, is a failure, which nothing else would show.
 */
export function watchOutput(): void {
  let lost = false;
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || lost) return;
    lost = true;
    console.error(`firstfix: the output cannot be written: ${oneLine(error.message)}`);
    process.once("exit", () => (process.exitCode = EXIT.failed));
  });
}

function oneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, " ");
  return visible(line.length > SAYS_MAX ? `${line.slice(0, SAYS_MAX)} …` : line);
}
