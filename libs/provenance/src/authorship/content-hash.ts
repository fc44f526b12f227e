import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Range } from "./additions.ts";

/** Whether a text is the one that was hashed. */
export type Equals = (text: Buffer) => boolean;

/** Bytes that the ranges of one commit may cost together, looking for moved ones included. */
export const HASHED_BYTES_MAX = 64 * 1024 * 1024;
/** What a hash costs however short its text is, in bytes. */
const HASH_COST = 256;
/** A shorter digest would be found in many a text. */
const HEX_MIN = 8;
const DIGESTS = new Set(["sha256", "sha512", "sha1", "md5"]);

/**
 * A `content_hash` of Agent Trace: `[algorithm ":"] hex`. The RFC leaves the algorithm open (its example is
 * `murmur3:9f2e8a1b`, the 32-bit one with seed 0); digests are also written cut off, and a bare one of 64 digits is
 * SHA-256. Null for what is not known here.
 */
export function parseContentHash(text: string): Equals | null {
  const [, named = "", hex = ""] = /^(?:([a-z0-9_-]{1,20}):)?([0-9a-f]{8,128})$/.exec(text.trim().toLowerCase()) ?? [];
  const algorithm = named === "" && hex.length === 64 ? "sha256" : named.replace(/[-_]/g, "");
  if (hex.length < HEX_MIN) return null;
  if (DIGESTS.has(algorithm)) return (bytes) => createHash(algorithm).update(bytes).digest("hex").startsWith(hex);
  if (hex.length !== 8) return null;
  const number = Number.parseInt(hex, 16);
  if (algorithm === "murmur3" || algorithm === "murmur332" || algorithm === "murmurhash3") return (bytes) => murmur3(bytes) === number;
  return algorithm === "crc32" ? (bytes) => crc32(bytes) === number : null;
}

/** MurmurHash3, x86, 32 bits, seed 0. */
export function murmur3(bytes: Buffer): number {
  const mix = (word: number): number => {
    const k = Math.imul(word, 0xcc9e2d51);
    return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  };
  let h = 0;
  const whole = bytes.length & ~3;
  for (let at = 0; at < whole; at += 4) {
    h ^= mix(bytes.readInt32LE(at));
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  if (whole < bytes.length) h ^= mix(bytes.readUIntLE(whole, bytes.length - whole));
  h ^= bytes.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The lines of a file, and what its ranges may have been when they were hashed. */
export class HashedLines {
  readonly #content: Buffer;
  /** Where each line begins, and behind the last one the end. */
  readonly #starts: number[] = [0];
  readonly #budget: { left: number };

  constructor(content: Buffer, budget: { left: number }) {
    this.#content = content;
    this.#budget = budget;
    for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) if (at + 1 < content.length) this.#starts.push(at + 1);
    if (content.length > 0) this.#starts.push(content.length);
  }

  /** Null where the budget is spent. */
  same({ from, to }: Range, equals: Equals): boolean | null {
    if (to >= this.#starts.length) return false;
    const [start = 0, end = 0] = [this.#starts[from - 1], this.#starts[to]];
    const texts = forms(this.#content.subarray(start, end));
    this.#budget.left -= texts.length * (end - start + HASH_COST);
    return this.#budget.left < 0 ? null : texts.some(equals);
  }

  /** The only place among the ranges where so many lines are what was hashed; null where there is none, or several. */
  find(count: number, ranges: readonly Range[], equals: Equals): Range | null {
    let found: Range | null = null;
    for (const range of ranges) {
      for (let from = range.from; from + count - 1 <= range.to; from += 1) {
        const place = { from, to: from + count - 1 };
        const same = this.same(place, equals);
        if (same === null || (same && found !== null)) return null;
        if (same) found = place;
      }
    }
    return found;
  }
}

/** Writers hash the lines with and without the last line feed, as they are or with plain line feeds, or without the white space around them. */
function forms(text: Buffer): Buffer[] {
  const forms = [text];
  const add = (one: Buffer): void => void (forms.some((known) => known.equals(one)) || forms.push(one));
  add(text.at(-1) === 0x0a ? text.subarray(0, -1) : Buffer.concat([text, Buffer.from("\n")]));
  if (text.includes("\r\n")) {
    const plain = Buffer.from(text.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
    add(plain);
    add(plain.at(-1) === 0x0a ? plain.subarray(0, -1) : plain);
    add(text.subarray(0, text.at(-2) === 0x0d ? -2 : undefined));
  }
  add(Buffer.from(text.toString("latin1").trim(), "latin1"));
  return forms;
}
