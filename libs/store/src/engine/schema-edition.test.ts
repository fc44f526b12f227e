import { describe, expect, it } from "vitest";
import { batchError } from "../errors.ts";
import { SchemaEdition } from "./schema-edition.ts";

const LOST = new Error("Could not find a message named 'ExportTraceServiceRequest' in the schema file '__cache__/x.proto'");

describe("the schema that goes with inserts", () => {
  it("goes alone until one insert went well, and then beside others", async () => {
    const edition = new SchemaEdition();
    let [now, most] = [0, 0];
    const insert = async (): Promise<void> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now -= 1;
    };
    await Promise.all(Array.from({ length: 4 }, async () => edition.run("traces", insert)));
    expect(most).toBe(1);
    await Promise.all(Array.from({ length: 4 }, async () => edition.run("traces", insert)));
    expect(most).toBe(4);
  });

  it("is another one once the server cannot read it, and that is tried again and no fault of the batch", async () => {
    const edition = new SchemaEdition();
    const first = edition.text;
    const failures = await Promise.allSettled(Array.from({ length: 3 }, async () => edition.run("traces", async () => {
      if (edition.text === first) throw LOST;
    })));
    expect(failures.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(edition.text.startsWith(`${first} // `)).toBe(true);
    await expect(edition.run("traces", async () => Promise.reject(new Error("CANNOT_READ_ALL_DATA")))).rejects.toThrow();
    expect(batchError(LOST)).toMatchObject({ code: "store.unavailable", retryable: true });
  });
});
