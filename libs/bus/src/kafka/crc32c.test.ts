import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";

describe("crc32c", () => {
  it("gives what the standard gives", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it("gives what kafkajs's own gives, whatever the length and wherever it lies", () => {
    const own = createRequire(import.meta.url)("kafkajs/src/protocol/recordBatch/crc32C/crc32C") as (bytes: Uint8Array) => number;
    const bytes = randomBytes(300);
    for (let length = 0; length < 280; length += 1) {
      const part = bytes.subarray(length % 11, (length % 11) + length);
      expect(crc32c(part)).toBe(own(part) >>> 0);
    }
  });
});
