// Sends one span with whatever SDK was started before it.
require("@opentelemetry/api").trace.getTracer("tag").startSpan("GET /", { kind: 1 }).end();
