/**
 * What a committed offset says besides the offset: the batch that begins there and is being handled.
 *
 *   metadata = JSON { "v": 1, "to": last offset of the batch, "id": id of the batch }, or empty when nothing is in hand
 */
export interface Plan {
  readonly id: bigint;
  /** Offset of the last record. */
  readonly to: bigint;
}

const INT64_END = 2n ** 63n;

export function encodePlan({ id, to }: Plan): string {
  return JSON.stringify({ v: 1, to: String(to), id: String(id) });
}

/** Null for what another tool committed, or when there is no plan. */
export function decodePlan(metadata: string | null | undefined): Plan | null {
  if (metadata === null || metadata === undefined || metadata === "") return null;
  try {
    const { v, to, id } = JSON.parse(metadata) as { readonly v?: unknown; readonly to?: unknown; readonly id?: unknown };
    if (v !== 1 || typeof to !== "string" || typeof id !== "string") return null;
    const plan = { id: BigInt(id), to: BigInt(to) };
    // Ids and offsets are 64 bits; anything else was not written here.
    return plan.id >= 0n && plan.to >= 0n && plan.id < INT64_END && plan.to < INT64_END ? plan : null;
  } catch {
    return null;
  }
}
