import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { CONSOLE_LIMITS, type JournalView } from "./deps.ts";
import type { StateChanged } from "./payload.ts";

/**
 * Server-Sent Events: one `state` message at once and after each change of the journal, a `beat` while nothing happens.
 * Messages say only that there is news, many changes may be told by one; the page fetches what it shows.
 */
export function eventStreams(journal: JournalView): (context: Context) => Response {
  let open = 0;
  return (context) => {
    if (open >= CONSOLE_LIMITS.eventStreams) return context.json({ error: "too many pages listen at once", hint: "Close some tabs of the console." }, 503);
    open += 1;
    return streamSSE(context, async (stream) => {
      let wake: () => void = () => {};
      const stop = journal.onChange(() => wake());
      stream.onAbort(() => wake());
      try {
        let told: string | null = null;
        while (!stream.aborted && !stream.closed) {
          const { lastEntryId } = journal.state;
          if (lastEntryId === told) await stream.writeSSE({ event: "beat", data: "" });
          else await stream.writeSSE({ event: "state", data: JSON.stringify({ lastEntryId } satisfies StateChanged) });
          told = lastEntryId;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, CONSOLE_LIMITS.heartbeatMs);
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
            if (journal.state.lastEntryId !== told || stream.aborted) wake();
          });
        }
      } finally {
        stop();
        open -= 1;
      }
    });
  };
}
