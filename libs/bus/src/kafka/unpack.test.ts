import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unpackLz4, unpackSnappy } from "./unpack.ts";

const MIB = 1024 * 1024;
const PLAIN = Buffer.concat([Buffer.from(Array.from({ length: 40 }, (_, at) => `span ${at} of the checkout, `).join("")), Buffer.alloc(2000, "a"), Buffer.from(Array.from({ length: 256 }, (_, at) => at))]);

/** PLAIN as packed by the Go, the Go and the Java library that Collectors and brokers use. */
const SNAPPY_GO = Buffer.from(
  "ae195c7370616e2030206f662074686520636865636b6f75742c20051800315a180000325a180000335a180000345a180000355a180000365a180000375a180000385a180000395ed80062" +
  "f1005ef20000315ef30000315ef40000315ef50000315ef60000315ef70000315ef80000315ef90000315efa0000325efa00003262ec015efa0000325efa0000325efa0000325efa000032" +
  "5efa0000325efa0000325efa0000325efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335efa0000334afa000061ee0100ee01" +
  "00ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee0100ee01" +
  "00ee0100ee0100ee0100ee0100ee0100ee01004a0100f0ff000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132" +
  "333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d" +
  "7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8" +
  "c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "hex");
const LZ4_GO = Buffer.from(
  "04224d187440bdec010000f1097370616e2030206f662074686520636865636b6f75742c2018001f311800041f321800041f331800041f341800041f351800041f361800041f371800041f" +
  "381800041f391800041f31f100060ff200051f31f300051f31f400051f31f500051f31f600051f31f700051f31f800051f31f900051f31fa00051f32fa00051f32fa00051f32fa00051f32" +
  "fa00051f32fa00051f32fa00051f32fa00051f32fa00051f32fa00051f32fa00051f33fa00051f33fa00051f33fa00051f33fa00051f33fa00051f33fa00051f33fa00051f33fa00051f33" +
  "fa00051f33fa00001f610100ffffffffffffffc3f0f1000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334" +
  "35363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f" +
  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9ca" +
  "cbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeffebe67aa500000000a8c4162b", "hex");
const SNAPPY_JAVA = Buffer.from(
  "82534e41505059000000000100000001000000e380085c7370616e2030206f662074686520636865636b6f75742c20051800315a180000325a180000335a180000345a180000355a180000" +
  "365a180000375a180000385a180000395a1800003162f1005ef20000315ef30000315ef40000315ef50000315ef60000315ef70000315ef80000315ef90000315efa0000325efa0000325e" +
  "fa0000325efa0000325efa0000325efa0000325efa0000325efa0000325efa0000325efa0000325efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335efa0000335e" +
  "fa0000335efa0000335efa0000334afa0000618201000000003480080061fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100" +
  "fa01000000008580080061fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100fe0100b20100f051000102030405060708090a0b0c0d0e0f10" +
  "1112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5051000000b2ae01f0ad5253" +
  "5455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e" +
  "9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9" +
  "eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "hex");
const LZ4_PLAIN_BLOCK = Buffer.from("04224d186c7004000000000000006004000080010203ff000000004f70be90", "hex");

const CHUNK = 1024;

/** Whether Java's chunks are whole up to here. */
function unpackable(packed: Buffer): boolean {
  try {
    return unpackSnappy(packed, MIB).length % CHUNK === 0;
  } catch {
    return false;
  }
}

describe("unpacking", () => {
  it.each([
    ["Snappy as one block", unpackSnappy, SNAPPY_GO],
    ["Snappy in Java's chunks", unpackSnappy, SNAPPY_JAVA],
    ["LZ4 with all its checksums", unpackLz4, LZ4_GO],
  ])("gives back what was packed: %s", (_name, unpack, packed) => {
    expect(unpack(packed, MIB).equals(PLAIN)).toBe(true);
    expect(() => unpack(packed, PLAIN.length - 1)).toThrow(/broken/);
    for (let length = 1; length < packed.length; length += 7) {
      // Java's chunks may be cut between two of them: nothing in them says how many there are.
      if (packed === SNAPPY_JAVA && unpackable(packed.subarray(0, length))) continue;
      expect(() => unpack(packed.subarray(0, length), MIB)).toThrow(/broken/);
    }
  });

  it("knows LZ4 blocks that are not packed, frames one after another, and nothing at all", () => {
    expect([...unpackLz4(LZ4_PLAIN_BLOCK, MIB)]).toEqual([1, 2, 3, 255]);
    expect(unpackLz4(Buffer.concat([LZ4_PLAIN_BLOCK, LZ4_GO]), MIB)).toHaveLength(4 + PLAIN.length);
    expect(unpackSnappy(Buffer.from([0]), MIB)).toHaveLength(0);
    expect(unpackLz4(Buffer.alloc(0), MIB)).toHaveLength(0);
  });

  it("ends within its bound on whatever comes", () => {
    const packed = fc.constantFrom(SNAPPY_GO, SNAPPY_JAVA, LZ4_GO);
    fc.assert(fc.property(packed, fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }), (good, changes) => {
      const bad = Buffer.from(good);
      for (const [at, byte] of changes) bad[at % bad.length] = byte;
      for (const unpack of [unpackSnappy, unpackLz4]) {
        try {
          expect(unpack(bad, MIB).length).toBeLessThanOrEqual(MIB);
        } catch (error) {
          expect(String(error)).toMatch(/broken/);
        }
      }
    }), { numRuns: 2000 });
  });
});
