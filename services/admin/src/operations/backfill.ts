import { realpath } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { backfill } from "@firstfix/changes";
import { EMPTY_STATE, fold } from "@firstfix/incident";
import { FirstfixError } from "@firstfix/kit";
import { Places, openRepository, originOf, sameAddress, type RecordedRepository, type Repository } from "@firstfix/provenance";
import { journalEvents } from "@firstfix/store";
import { z } from "zod";
import type { Operations } from "./api.ts";
import type { OperationRoom } from "./room.ts";

const TEXT_MAX = 4_096;
/** A mirror that is not made yet is waited for: a person asked for all of it. */
const CLONE_WAIT_MS = 3_600_000;

const INPUT = z.strictObject({
  /** A clone on this machine; or else the address of a repository that Firstfix knows. */
  path: z.string().max(TEXT_MAX).refine(isAbsolute, "a whole path").exactOptional(),
  /** With a path: the address that its rows get, instead of that of its remote. */
  url: z.string().trim().min(1).max(TEXT_MAX).regex(/^[^\p{Cc}]*$/u, "an address without control characters").exactOptional(),
  revision: z.string().min(1).max(200).default("HEAD"),
  lines: z.boolean().default(true),
  again: z.boolean().default(false),
  since: z.number().int().min(0).max(8.64e15).exactOptional(),
});
type Input = z.infer<typeof INPUT>;

/** The history of a repository into the store, with progress; called again it goes on. */
export function backfillOperations(room: OperationRoom): Operations {
  return {
    backfill: async (input, tell, signal) => {
      const read = INPUT.safeParse(input);
      if (!read.success) throw new FirstfixError("bad_request", read.error.issues.map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`).join("; "), { hint: "firstfix backfill --help shows what is allowed." });
      const recorded = fold(EMPTY_STATE, journalEvents(await room.store.journal.read({ kinds: ["repository.added", "repository.removed"] }))).repositories;
      const places = new Places({ configured: room.config.repositories, dataFolder: room.config.data, recorded: () => recorded, log: room.log, waitMs: CLONE_WAIT_MS });
      try {
        const { repository, address } = await find(room, places, recorded, read.data);
        const { revision, lines, again, since } = read.data;
        return await backfill(room.store, repository, address, { revision, lines, again, tell, signal, ...(since === undefined ? {} : { sinceMs: since }) });
      } finally {
        await places.close();
      }
    },
  };
}

async function find(room: OperationRoom, places: Places, recorded: ReadonlyMap<string, RecordedRepository>, { path, url, revision }: Input): Promise<{ readonly repository: Repository; readonly address: string }> {
  if (path !== undefined) {
    const repository = await openRepository(path);
    return { repository, address: sameAddress(url ?? (await known(room, recorded, path)) ?? (await originOf(path)) ?? path) };
  }
  if (url === undefined) throw new FirstfixError("bad_request", "neither a path nor an address is given", { hint: "firstfix backfill --repo FOLDER, or the address of a repository that `firstfix repo list` shows." });
  return { repository: await places.open(url, revision), address: sameAddress(url) };
}

/** A clone that the configuration or the journal knows by another name than its own remote keeps that name. */
async function known(room: OperationRoom, recorded: ReadonlyMap<string, RecordedRepository>, path: string): Promise<string | null> {
  const real = await realpath(path);
  const all = [...room.config.repositories.map((one) => ({ url: one.url, at: one.path })), ...[...recorded.values()].map((one) => ({ url: one.url, at: one.source }))];
  for (const { url, at } of all) if ((await realpath(at).catch(() => null)) === real) return url;
  return null;
}
