import { IncomingMessage, ServerResponse } from "node:http";
import { ProxyTracerProvider, type Span, trace } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { getNodeAutoInstrumentations } from "@opentelemetry/auto-instrumentations-node";
import type { Instrumentation } from "@opentelemetry/instrumentation";
import { NodeSDK, resources, tracing } from "@opentelemetry/sdk-node";
import { Exceptions } from "./exceptions.ts";
import { LayerErrors } from "./layers.ts";
import { type LocalsCapture, localsFor } from "./locals.ts";
import { type IsSecret, secretNames } from "./names.ts";
import { redactForm } from "./redact.ts";
import { RequestCapture } from "./request.ts";
import { resourceAttributes } from "./resource.ts";
import type { Settings } from "./settings.ts";
import { flushAtEnd, recordFatal } from "./shutdown.ts";

/**
 * Instrumentations whose spans are many and tell little (`router` repeats each span that `express` already made). Who
 * wants one names it in OTEL_NODE_ENABLED_INSTRUMENTATIONS.
 */
const NOISY = ["fs", "net", "dns", "router", "host-metrics"];

/** Starts OpenTelemetry and the captures in this process. To be called once, before the application is loaded. */
export function start(settings: Settings, locals: LocalsCapture = localsFor(settings)): void {
  if (settings.disabled) return;
  const env = process.env;
  const isSecret = secretNames(settings.redact);
  const exceptions = new Exceptions(locals.of, isSecret);
  const requests = settings.captureRequests > 0 ? new RequestCapture(settings.captureRequests, isSecret) : null;

  exceptions.watchServers((span, request, response) => requests?.finish(span, request, response));
  const metrics = (env["OTEL_METRICS_EXPORTER"] ?? "") !== "";
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes(resourceAttributes(env, process.cwd()))),
    ...(metrics ? {} : { metricReaders: [] }),
    instrumentations: [
      ...instrumentations(env, metrics, isSecret, requests, exceptions),
      new LayerErrors((request, error) => exceptions.note(request, error)),
    ],
  });
  sdk.start();
  // This span shows the span class, whatever the sampler of the settings says; it is never exported.
  exceptions.watchSpans(new tracing.BasicTracerProvider({ sampler: new tracing.AlwaysOnSampler() }).getTracer("@firstfix/sdk").startSpan("probe", { root: true }));

  const flushed = { flush: flushProviders, shutdown: () => sdk.shutdown().finally(locals.stop), flushMs: settings.flushMs };
  flushAtEnd(flushed);
  if (settings.captureFatal) recordFatal((error) => attempt(() => fatal(exceptions, error), undefined), flushed);
  locals.begin();
}

function instrumentations(
  env: NodeJS.ProcessEnv,
  metrics: boolean,
  isSecret: IsSecret,
  requests: RequestCapture | null,
  exceptions: Exceptions,
): Instrumentation[] {
  const asked = new Set((env["OTEL_NODE_ENABLED_INSTRUMENTATIONS"] ?? "").split(",").map((name) => name.trim()));
  const off = [...NOISY, ...(metrics ? [] : ["runtime-node"])].filter((name) => !asked.has(name));
  return getNodeAutoInstrumentations({
    ...Object.fromEntries(off.map((name) => [`@opentelemetry/instrumentation-${name}`, { enabled: false }])),
    "@opentelemetry/instrumentation-http": {
      requestHook: (span: Span, request) => {
        if (!(request instanceof IncomingMessage)) return;
        const query = request.url?.split("?", 2)[1];
        if (query !== undefined) span.setAttribute("url.query", redactForm(query, isSecret));
        exceptions.begin(span, request);
        requests?.watch(request);
      },
      applyCustomAttributesOnSpan: (span: Span, request, response) => {
        if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse)) return;
        exceptions.finish(span, request, response);
        requests?.finish(span, request, response);
      },
    },
  });
}

/** NodeSDK cannot flush without stopping, its providers can. */
async function flushProviders(): Promise<void> {
  const proxy: unknown = trace.getTracerProvider();
  const tracers: unknown = proxy instanceof ProxyTracerProvider ? proxy.getDelegate() : proxy;
  await Promise.all([tracers, logs.getLoggerProvider()].filter(canFlush).map((provider) => provider.forceFlush()));
}

function canFlush(provider: unknown): provider is { forceFlush(): Promise<void> } {
  return typeof provider === "object" && provider !== null && "forceFlush" in provider && typeof provider.forceFlush === "function";
}

/** The span that was active when the error got out carries it; without one it gets a span of its own. */
function fatal(exceptions: Exceptions, error: unknown): void {
  if (exceptions.isRecorded(error)) return;
  const active = trace.getActiveSpan();
  const span = active?.isRecording() === true ? active : trace.getTracer("@firstfix/sdk").startSpan("uncaught exception");
  exceptions.record(span, error);
  span.end();
}

function attempt<T>(work: () => T, fallback: T): T {
  try {
    return work();
  } catch {
    return fallback;
  }
}
