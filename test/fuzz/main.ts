import { parseArgs } from "node:util";
import { fuzz, replay } from "./fuzz.ts";
import { Finding } from "./round.ts";

/** `npm run fuzz:otlp -- --count N [--seed S]`, or `-- --replay FILE`. Ends with 1 when something is wrong. */
const { values } = parseArgs({ options: { count: { type: "string", default: "20000" }, seed: { type: "string" }, replay: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const say = (line: string): void => console.error(line);

try {
  if (values.replay !== undefined) await replay(values.replay, say);
  else {
    say(`seed ${seed}`);
    console.log(JSON.stringify({ seed, ...(await fuzz({ count: Number(values.count), seed, say })) }));
  }
  // The embedded engine may keep the process open after closing.
  process.exit(0);
} catch (error) {
  console.error(error instanceof Finding ? `FOUND: ${error.message}` : error);
  process.exit(1);
}
