import { insertRows, literal, select } from "@firstfix/store";
import type { Room } from "../room.ts";

const HASHES_PER_LOOK = 1_000;
const REMEMBERED_MAX = 100_000;
/** Ranks fall with time, so that of two claims the earlier has the higher one. */
const RANK_FROM = 9_000_000_000_000_000_000n;

const ofRooms = new WeakMap<Room, GroupHashes>();

export function groupHashesOf(room: Room): GroupHashes {
  const hashes = ofRooms.get(room) ?? new GroupHashes(room);
  ofRooms.set(room, hashes);
  return hashes;
}

/**
 * Which group each hash led to. An error joins the group that any of its hashes is known to lead to, the in-app one
 * first; its other hashes then lead there too. Its fingerprint is found in the same way. Claims are written before the errors, so that a batch worked again after
 * a crash comes to the same groups. What people merged is not looked at here: that is done wherever errors are read.
 */
class GroupHashes {
  readonly #room: Room;
  readonly #known = new Map<string, string>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** The group of each of the errors, in their order: the one that its hashes lead to, `id` where none is known yet. */
  async join(errors: readonly { readonly id: string; readonly hashes: readonly string[] }[]): Promise<string[]> {
    if (this.#known.size > REMEMBERED_MAX) this.#known.clear();
    await this.#look([...new Set(errors.flatMap((error) => error.hashes))].filter((hash) => !this.#known.has(hash)));
    const claims = new Map<string, string>();
    const groups = errors.map(({ id, hashes }) => {
      const of = (hash: string): string | undefined => this.#known.get(hash) ?? claims.get(hash);
      const group = hashes.map(of).find((one) => one !== undefined) ?? id;
      for (const hash of hashes) if (of(hash) === undefined) claims.set(hash, group);
      return group;
    });
    const rank = RANK_FROM - BigInt(Date.now());
    await insertRows(this.#room.store.background, "group_hashes", [...claims].map(([hash, group_id]) => ({ hash, group_id, rank })));
    for (const [hash, group] of claims) this.#known.set(hash, group);
    return groups;
  }

  async #look(hashes: readonly string[]): Promise<void> {
    for (let from = 0; from < hashes.length; from += HASHES_PER_LOOK) {
      const some = hashes.slice(from, from + HASHES_PER_LOOK);
      const rows = await select<{ hash: string; group_id: string }>(this.#room.store.background, `SELECT hash, group_id FROM group_hashes FINAL WHERE hash IN ${literal(some)}`);
      for (const row of rows) this.#known.set(row.hash, row.group_id);
    }
  }
}
