import { createKafkaBus } from "@firstfix/bus";
import { CONSUME, seen } from "./support.ts";

/** A consumer in a process of its own: prints every batch that it is handed, and never finishes one. */
const [brokers = "", topic = ""] = process.argv.slice(2);
const bus = createKafkaBus({ brokers: brokers.split(","), partitions: 1, sessionMs: 6000 });
bus.consume(topic, CONSUME, (batch) => {
  process.stdout.write(`${JSON.stringify(seen(batch))}\n`);
  return new Promise(() => {});
});
