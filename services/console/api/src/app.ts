import { FirstfixError, messageOf } from "@firstfix/kit";
import { searchSpans } from "@firstfix/store";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createApprovals } from "./approve.ts";
import { CONSOLE_LIMITS, type ConsoleDeps } from "./deps.ts";
import { cycleLines, deploymentLines } from "./deployments.ts";
import { eventStreams } from "./event-stream.ts";
import { groupRoutes } from "./groups.ts";
import { incidentDetail, incidentLines, statusCounts } from "./incidents.ts";
import { servePage } from "./pages.ts";
import type { Health, Overview, Problem } from "./payload.ts";
import { boundedTrace, revisionExposures, serviceLines } from "./queries.ts";
import { reportRoutes } from "./reports.ts";
import { crossSiteReason, hostGuard, securityHeaders } from "./security.ts";
import { foundSpans, traceView } from "./trace.ts";

const STATUSES = { not_found: 404, conflict: 409, bad_request: 400, "store.unavailable": 503 } as const;

/** The console's API and pages as one Hono application, without a port: tests call `app.request()`. */
export function createConsoleApp(deps: ConsoleDeps): Hono {
  const { store, journal } = deps;
  const app = new Hono();
  app.use(securityHeaders);
  app.use(hostGuard(deps.host));
  app.use("/api/*", async (context, next) => {
    await next();
    if (!context.res.headers.has("cache-control")) context.res.headers.set("cache-control", "no-store");
  });

  app.get("/api/health", (context) => context.json({ status: "ok", lastEntryId: journal.state.lastEntryId } satisfies Health));
  app.get("/api/overview", async (context) => context.json(await overview(deps)));
  app.get("/api/incidents", async (context) => context.json(await incidentLines(store, journal.state)));
  app.get("/api/incidents/:id", async (context) => {
    const incident = journal.state.incidents.get(context.req.param("id"));
    if (incident === undefined) throw new FirstfixError("not_found", "there is no such incident", { hint: "Look at the list of incidents." });
    return context.json(await incidentDetail(store, journal.state, incident, Date.now()));
  });
  app.get("/api/traces/:traceId", async (context) => {
    const traceId = context.req.param("traceId").toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(traceId)) throw new FirstfixError("bad_request", "a trace id is 32 hex digits", { hint: "Copy the whole id." });
    const { spans, total } = await boundedTrace(store, traceId);
    if (spans.length === 0) throw new FirstfixError("not_found", "no span of this trace is stored", { hint: "It may not have arrived yet, or it was removed." });
    return context.json(traceView(traceId, spans, total));
  });
  app.get("/api/spans", async (context) => {
    const [, key, value] = /^([^=]+)=([^]*)$/.exec(context.req.query("attribute") ?? "") ?? [];
    if (key === undefined || value === undefined) throw new FirstfixError("bad_request", "the attribute to look for is missing", { hint: "/api/spans?attribute=NAME=VALUE" });
    return context.json(foundSpans(await searchSpans(store.interactive, key, value, CONSOLE_LIMITS.spansFound)));
  });
  app.get("/api/deployments", async (context) => context.json(deploymentLines(journal.state, await revisionExposures(store))));
  app.get("/api/cycles", (context) => context.json(cycleLines(journal.state)));
  app.route("/api/reports", reportRoutes(deps));
  app.route("/api/groups", groupRoutes(deps));
  app.get("/api/events", eventStreams(journal));

  const approve = createApprovals(deps);
  const bounded = bodyLimit({
    maxSize: CONSOLE_LIMITS.requestBytes,
    onError: (context) => context.json({ error: "the body is too large", hint: `At most ${CONSOLE_LIMITS.requestBytes} bytes.` } satisfies Problem, 413),
  });
  app.post("/api/incidents/:id/proposals/:proposalId/approve", bounded, async (context) => {
    const crossSite = crossSiteReason(context);
    if (crossSite !== null) return context.json({ error: crossSite, hint: "Approve in the console itself." } satisfies Problem, 403);
    if (!/^application\/json\s*(;|$)/i.test(context.req.header("content-type") ?? "")) {
      return context.json({ error: "the body must be JSON", hint: "Send content-type: application/json." } satisfies Problem, 415);
    }
    const body: unknown = await context.req.json().catch(() => null);
    await approve(context.req.param("id"), context.req.param("proposalId"), body);
    return context.json({ status: "approved" });
  });

  app.all("/api/*", (context) => context.json({ error: "there is no such resource", hint: "The API's resources start at /api/overview." } satisfies Problem, 404));
  app.get("*", (context) => servePage(context, deps.webRoot));
  app.onError((error, context) => {
    if (error instanceof FirstfixError && error.code in STATUSES) {
      return context.json({ error: error.message, hint: error.hint ?? "" } satisfies Problem, STATUSES[error.code as keyof typeof STATUSES]);
    }
    deps.log.error({ path: context.req.path, error: messageOf(error) }, "a request failed");
    return context.json({ error: "the console could not answer", hint: "Its log tells why; try again." } satisfies Problem, 500);
  });
  return app;
}

async function overview({ store, journal }: ConsoleDeps): Promise<Overview> {
  const services = await serviceLines(store);
  const lastData = services.reduce((latest, one) => Math.max(latest, one.lastData), 0);
  return { counts: statusCounts(journal.state), services, lastData: lastData === 0 ? null : lastData, specProblems: journal.state.specProblems, now: Date.now() };
}
