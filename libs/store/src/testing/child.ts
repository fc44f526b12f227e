import { nextBatchId } from "@firstfix/kit";
import { openStore } from "../open.ts";
import { span, traces } from "./otlp.ts";

/** A process of its own: `child.ts DIRECTORY SPANS` inserts, says so, and stays until it is killed. */
const [path = "", spans = "0"] = process.argv.slice(2);
try {
  const store = await openStore({ path });
  if (Number(spans) > 0) await store.insertBatch({ id: nextBatchId(), signal: "traces", body: traces({ "service.name": "shop" }, ...Array.from({ length: Number(spans) }, () => span())) });
  process.stdout.write("ready\n");
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(`${JSON.stringify(error, ["code", "message", "hint"])}\n`);
}
