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

export function encodePlan({ id, to }: Plan): string {
  return JSON.stringify({ v: 1, to: String(to), id: String(id) });
}

/** Null for what another tool committed, or when there is no plan. */
export function decodePlan(metadata: string | null | undefined): Plan | null {
  if (metadata === null || metadata === undefined || metadata === "") return null;
  try {
    const { v, to, id } = JSON.parse(metadata) as { readonly v?: unknown; readonly to?: unknown; readonly id?: unknown };
    if (v !== 1 || typeof to !== "string" || typeof id !== "string") return null;
    return { id: BigInt(id), to: BigInt(to) };
  } catch {
    return null;
  }
}
