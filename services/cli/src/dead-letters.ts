import { ADMIN_HEADER, type DeadLetters } from "@firstfix/admin";
import { ERROR_CODES, FirstfixError, messageOf, type Config } from "@firstfix/kit";
import { lockHolder } from "@firstfix/store";
import { openDeadLetters } from "../../app.ts";
import { adminBase } from "./paths.ts";

export interface Opened {
  readonly letters: DeadLetters;
  close(): Promise<void>;
}

/** A replay waits until the writer has judged its records, one batch after another. */
const ANSWER_MS = 120_000;

/**
 * The dead letters, wherever they are: on a ClickHouse server, directly; in an embedded store that a running Firstfix
 * has open, through its admin address, because the store belongs to one process; else in the folder itself.
 */
export async function findDeadLetters(config: Config): Promise<Opened> {
  if (config.store.url !== "") return openDeadLetters(config);
  const holder = await lockHolder(config.data);
  if (holder === null) return openDeadLetters(config);
  return { letters: remote(config, holder), close: () => Promise.resolve() };
}

function remote(config: Config, holder: number): DeadLetters {
  const base = `${adminBase(config)}/dlq`;
  const call = async <T>(path: string, body?: object): Promise<T> => {
    let answer: Response;
    try {
      answer = await fetch(base + path, { headers: { [ADMIN_HEADER]: "1" }, signal: AbortSignal.timeout(ANSWER_MS), ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }) });
    } catch (cause) {
      throw new FirstfixError("store.unavailable", `the data folder ${config.data} is open in process ${holder}, whose admin address ${base} does not answer: ${messageOf(cause)}`, { cause, hint: "Give the configuration that it runs with (--config), with a fixed admin.port." });
    }
    const said = (await answer.json().catch(() => null)) as { readonly error?: string; readonly code?: string; readonly hint?: string } | null;
    if (answer.ok) return said as T;
    const code = ERROR_CODES.find((one) => one === said?.code) ?? "store.unavailable";
    throw new FirstfixError(code, said?.error ?? `${base} answered ${answer.status}`, said?.hint === undefined ? {} : { hint: said.hint });
  };
  return {
    list: ({ limit, settled, ...rest }) => {
      const given = Object.entries(rest).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
      return call(`/list?${new URLSearchParams([["limit", String(limit)], ["settled", String(settled ?? false)], ...given]).toString()}`);
    },
    get: (id) => call(`/show/${encodeURIComponent(id)}`),
    replay: (ids) => call("/replay", { ids }),
    drop: (ids) => call("/drop", { ids }),
  };
}
