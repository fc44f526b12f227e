import type { Context } from "hono";
import { stream } from "hono/streaming";
import { FirstfixError, messageOf } from "@firstfix/kit";
import type { OperationLine, Operations } from "./api.ts";

/**
 * Answers one operation as NDJSON, so that progress is seen while it comes. What goes wrong is a line as well, because
 * the answer has begun by then. The work stops when the caller is gone.
 */
export function serveOperation(context: Context, operations: Operations | null): Response {
  const name = context.req.param("name") ?? "";
  const operation = operations !== null && Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operations === null) throw new FirstfixError("not_found", "this process has no store of its own", { hint: "With a ClickHouse server, the command works on that." });
  if (operation === undefined) throw new FirstfixError("not_found", `this Firstfix does not know ${name}`, { hint: "Is the running Firstfix older than this command? Start it again." });
  context.header("content-type", "application/x-ndjson");
  return stream(context, async (answer) => {
    const gone = new AbortController();
    answer.onAbort(() => gone.abort());
    const write = async (line: OperationLine): Promise<void> => {
      await answer.write(`${JSON.stringify(line)}\n`);
    };
    let told: Promise<unknown> = Promise.resolve();
    try {
      const input: unknown = await context.req.json();
      const result = await operation(input, (progress) => {
        told = told.then(() => write({ progress })).catch(() => gone.abort());
      }, gone.signal);
      await told;
      await write({ result: result ?? null });
    } catch (error) {
      await told;
      const known = error instanceof FirstfixError ? error : null;
      await write({ error: messageOf(error), ...(known === null ? {} : { code: known.code }), ...(known?.hint === undefined ? {} : { hint: known.hint }) });
    }
  });
}
