import { TOPICS } from "@firstfix/bus";
import { EMPTY_STATE, fold, type JournalState } from "@firstfix/incident";
import { GROUP_LIMITS, journalEvents, listGroups, mergeByHand, readGroup, splitByHand } from "@firstfix/store";
import { z } from "zod";
import type { Operations } from "./api.ts";
import type { OperationRoom } from "./room.ts";
import { withInput } from "./input.ts";

const id = z.string().regex(/^[a-z]{2,5}_[0-9a-f]{16}$/, "an id such as grp_0123456789abcdef");
const ids = z.array(id).min(1).max(GROUP_LIMITS.atOnce);
const by = z.string().trim().min(1).max(80).regex(/^[^\p{Cc}\p{Cf}]*$/u, "a name without control characters").default("command line");

const LIST = z.strictObject({ service: z.string().min(1).max(200).optional(), limit: z.number().int().min(1).max(GROUP_LIMITS.listed).default(50) });
const SHOW = z.strictObject({ group: id });
const MERGE = z.strictObject({ into: id, groups: ids, by });
const SPLIT = z.strictObject({ group: id, fingerprints: ids, by });

/** Error groups: what there is, and merging and splitting by hand, which the journal remembers. */
export function groupOperations({ store, bus }: OperationRoom): Operations {
  const state = async (): Promise<JournalState> => fold(EMPTY_STATE, journalEvents(await store.journal.read()));
  const changed = <T>(done: T): T => {
    bus.hint(TOPICS.journalWritten);
    return done;
  };
  return {
    "groups.list": withInput(LIST, async ({ service, limit }) => listGroups(store.interactive, await state(), { limit, ...(service === undefined ? {} : { service }) })),
    "groups.show": withInput(SHOW, async ({ group }) => readGroup(store.interactive, await state(), group)),
    "groups.merge": withInput(MERGE, async ({ by: name, ...request }) => changed(await mergeByHand({ store, state: await state(), actor: `person:${name}` }, request))),
    "groups.split": withInput(SPLIT, async ({ by: name, ...request }) => changed(await splitByHand({ store, state: await state(), actor: `person:${name}` }, request))),
  };
}
