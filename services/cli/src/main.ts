import { FirstfixError, messageOf } from "@firstfix/kit";
import { createProgram } from "./program.ts";

/** Exit codes: 0 done, 1 failed, 2 called or configured wrongly. */
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  console.error(`firstfix: ${messageOf(error)}`);
  if (error instanceof FirstfixError && error.hint !== undefined) console.error(`  hint: ${error.hint}`);
  process.exitCode = error instanceof FirstfixError && error.code === "config.invalid" ? 2 : 1;
}
