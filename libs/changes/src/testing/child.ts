import { openRepository } from "@firstfix/provenance";
import { openStore } from "@firstfix/store";
import { backfill } from "../index.ts";

/** A process of its own, to be killed: `child.ts DATA REPOSITORY ADDRESS` backfills and says how far it has come. */
const [data = "", path = "", address = ""] = process.argv.slice(2);
const store = await openStore({ path: data });
const result = await backfill(store, await openRepository(path), address, { tell: ({ what, done, total }) => process.stdout.write(`${what} ${done} ${total}\n`) });
process.stdout.write(`done ${result.commits}\n`);
await store.close();
