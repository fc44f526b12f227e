import { createHash } from "node:crypto";
import { monotonicFactory } from "ulid";

const next = monotonicFactory();

/** A new id that sorts by creation time, such as `pro_01J…`. */
export function newId(prefix: string): string {
  return `${prefix}_${next()}`;
}

/** The same id for the same parts, such as `inc_4f0c…`: writing it twice cannot make two things. 16 hex digits. */
export function stableId(prefix: string, ...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return `${prefix}_${hash.digest("hex").slice(0, 16)}`;
}

/** Lower-case hex SHA-256 of a text or bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
