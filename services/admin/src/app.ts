import type { HttpBindings } from "@hono/node-server";
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { FirstfixError, messageOf } from "@firstfix/kit";
import { z } from "zod";
import { DEAD_LETTER_LIMITS, type DeadLetters } from "./api.ts";
import type { Health } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import type { Operations } from "./operations/api.ts";
import { serveOperation } from "./operations/serve.ts";
import { SOURCE_MAP_BODY_BYTES, SOURCE_MAP_UPLOAD } from "./operations/source-maps.ts";

/** Browsers send such a header to another site only after asking, and are never allowed to. */
export const ADMIN_HEADER = "x-firstfix-admin";

const REQUEST_BYTES_MAX = 64 * 1024;
const LOOPBACK_ADDRESS = /^(::ffff:)?127\.|^::1$/;
const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(DEAD_LETTER_LIMITS.listed).default(50),
  topic: z.string().optional(),
  sinceMs: z.coerce.number().optional(),
  after: z.string().optional(),
  settled: z.enum(["true", "false"]).default("false"),
});
const idList = z.strictObject({ ids: z.array(z.string().max(64)).min(1).max(DEAD_LETTER_LIMITS.idsAtOnce) });

export interface AdminDependencies {
  readonly health: Health;
  readonly metrics: Metrics;
  /** Where this process alone can reach the dead letters (embedded store); null otherwise, or before it is open. */
  readonly deadLetters: () => DeadLetters | null;
  /** Likewise what the command line asks of an embedded store. */
  readonly operations: () => Operations | null;
}

/**
 * Health, metrics, and for the command line the dead letters and operations of an embedded store. Health and metrics may be reached by probes from outside
 * where admin.host says so; the rest shows telemetry and changes things, so it answers this machine alone.
 */
export function createAdminApp({ health, metrics, deadLetters, operations }: AdminDependencies): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/healthz", (context) => context.json({ alive: true }));
  app.get("/readyz", async (context) => {
    const report = await health.report();
    return context.json(report, report.ready ? 200 : 503);
  });
  app.get("/metrics", async (context) => context.body(await metrics.metrics(), 200, { "content-type": metrics.contentType }));

  const letters = (): DeadLetters => {
    const all = deadLetters();
    if (all === null) throw new FirstfixError("not_found", "this process keeps no dead letters of its own", { hint: "With a ClickHouse server, `firstfix dlq` reads them there." });
    return all;
  };
  const limited = (bytes: number): MiddlewareHandler => bodyLimit({ maxSize: bytes, onError: (context) => context.json({ error: `more than ${bytes} bytes`, code: "bad_request" }, 413) });
  const small = limited(REQUEST_BYTES_MAX);
  const upload = limited(SOURCE_MAP_BODY_BYTES);
  for (const path of ["/dlq/*", "/operations/*"]) {
    app.use(path, async (context, next) => {
      if (!isLocal(context)) return context.json({ error: "this is answered on this machine only", hint: "Call the firstfix command where Firstfix runs." }, 403);
      return (context.req.path === `/operations/${SOURCE_MAP_UPLOAD}` ? upload : small)(context, next);
    });
  }
  app.get("/dlq/list", async (context) => {
    const { settled, topic, sinceMs, after, limit } = listQuery.parse(context.req.query());
    const query = { limit, settled: settled === "true", ...(topic === undefined ? {} : { topic }), ...(sinceMs === undefined ? {} : { sinceMs }), ...(after === undefined ? {} : { after }) };
    return context.json(await letters().list(query));
  });
  app.get("/dlq/show/:id", async (context) => context.json(await letters().get(context.req.param("id"))));
  app.post("/dlq/replay", async (context) => context.json(await letters().replay(idList.parse(await context.req.json()).ids)));
  app.post("/dlq/drop", async (context) => context.json(await letters().drop(idList.parse(await context.req.json()).ids)));

  app.post("/operations/:name", (context) => serveOperation(context, operations()));

  app.notFound((context) => context.json({ error: "no such page", hint: "/healthz, /readyz, /metrics" }, 404));
  app.onError((error, context) => {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return context.json({ error: messageOf(error).slice(0, 500), code: "bad_request" }, 400);
    const known = error instanceof FirstfixError ? error : null;
    return context.json({ error: messageOf(error), code: known?.code, hint: known?.hint, retryable: known?.retryable }, known?.code === "not_found" ? 404 : 500);
  });
  return app;
}

/** From this machine, under a name of this machine (DNS rebinding), and from a program rather than a web page. */
function isLocal(context: Context<{ Bindings: HttpBindings }>): boolean {
  const address = context.env.incoming.socket.remoteAddress ?? "";
  return LOOPBACK_ADDRESS.test(address) && LOOPBACK_NAME.test(context.req.header("host") ?? "") && context.req.header(ADMIN_HEADER) !== undefined;
}
