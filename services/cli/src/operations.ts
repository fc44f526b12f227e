import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ADMIN_HEADER, type OperationLine, type Tell } from "@firstfix/admin";
import { ERROR_CODES, FirstfixError, messageOf, type Config } from "@firstfix/kit";
import { lockHolder } from "@firstfix/store";
import { openOperations } from "../../app.ts";
import { adminBase } from "./paths.ts";

/**
 * Does an operation wherever the store is: on a ClickHouse server, directly; in an embedded store that a running
 * Firstfix has open, through its admin address, because the store belongs to one process; else in the folder itself.
 * `tell` hears of progress. Ctrl-C stops the work cleanly; called again it goes on.
 */
export async function operate<T>(config: Config, name: string, input: object, tell: Tell = () => {}): Promise<T> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort(new FirstfixError("interrupted", "interrupted", { hint: "Call it again: it goes on where it stopped." }));
  process.once("SIGINT", interrupted);
  try {
    const holder = config.store.url === "" ? await lockHolder(config.data) : null;
    if (holder !== null) return (await remote(config, holder, name, input, tell, stop.signal)) as T;
    const opened = await openOperations(config);
    try {
      const operation = opened.operations[name];
      if (operation === undefined) throw new FirstfixError("not_found", `there is no operation ${name}`);
      return (await operation(input, tell, stop.signal)) as T;
    } finally {
      await opened.close();
    }
  } finally {
    process.removeListener("SIGINT", interrupted);
  }
}

async function remote(config: Config, holder: number, name: string, input: object, tell: Tell, signal: AbortSignal): Promise<unknown> {
  const url = `${adminBase(config)}/operations/${encodeURIComponent(name)}`;
  let answer: Response;
  try {
    answer = await fetch(url, { method: "POST", headers: { [ADMIN_HEADER]: "1" }, body: JSON.stringify(input), signal });
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new FirstfixError("store.unavailable", `the data folder ${config.data} is open in process ${holder}, whose admin address ${url} does not answer: ${messageOf(cause)}`, { cause, hint: "If it is a server, give the configuration that it runs with (--config), with a fixed admin.port; another command ends by itself: call this one then." });
  }
  if (!answer.ok || answer.body === null) throw refused((await answer.json().catch(() => ({ error: `${url} answered ${answer.status}` }))) as { error: string });
  for await (const text of createInterface({ input: Readable.fromWeb(answer.body), crlfDelay: Infinity })) {
    const line = JSON.parse(text) as OperationLine;
    if ("progress" in line) tell(line.progress);
    else if ("error" in line) throw refused(line);
    else return line.result;
  }
  throw new FirstfixError("store.unavailable", "the running Firstfix broke off", { hint: "Call it again: it goes on where it stopped." });
}

function refused({ error, code, hint }: { readonly error: string; readonly code?: string; readonly hint?: string }): FirstfixError {
  return new FirstfixError(ERROR_CODES.find((one) => one === code) ?? "store.unavailable", error, hint === undefined ? {} : { hint });
}
