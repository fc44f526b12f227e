import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { openStore } from "@firstfix/store";
import { describe } from "vitest";
import { storeConformance } from "../../../libs/store/src/conformance.ts";
import { startClickHouseFront } from "../../harness/clickhouse.ts";

storeConformance("a server's HTTP interface", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firstfix-front-"));
  const front = await startClickHouseFront({ folder });
  return {
    open: () => openStore({ url: front.url }),
    async remove() {
      await front.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

const server = process.env["CLICKHOUSE_URL"] ?? "";

/** `CLICKHOUSE_URL=http://user:password@host:8123` makes it run; it works in a database of its own and drops it. */
describe.skipIf(server === "")(`a real ClickHouse server${server === "" ? " (skipped: CLICKHOUSE_URL is not set)" : ""}`, () => {
  storeConformance("CLICKHOUSE_URL", () => {
    const url = new URL(server);
    url.pathname = `/firstfix_test_${randomBytes(6).toString("hex")}`;
    return Promise.resolve({
      open: () => openStore({ url: url.toString() }),
      async remove() {
        const client = createClient({ url: server });
        await client.command({ query: `DROP DATABASE IF EXISTS ${url.pathname.slice(1)} SYNC` });
        await client.close();
      },
    });
  });
});
