import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

const tracer = trace.getTracer("shop");
const requestSpans = new WeakMap();

/** Keeps the span of the whole request within reach; middleware has spans of its own, which are active later on. */
export function keepRequestSpan(request) {
  const span = trace.getActiveSpan();
  if (span !== undefined) requestSpans.set(request, span);
}

/** Sets attributes such as `shop.order.total` on the span of the request. */
export function annotate(request, attributes) {
  requestSpans.get(request)?.setAttributes(known(attributes));
}

/** Runs work in a span of its own, below the active one or below `parent`. */
export function inSpan(name, { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() }, work) {
  return tracer.startActiveSpan(name, { kind, attributes: known(attributes) }, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

function known(attributes) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
}
