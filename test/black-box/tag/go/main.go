// Command client sends one span with the official Go SDK, told by the environment alone who it is and where to.
package main

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithResource(resource.Default()), sdktrace.WithSyncer(exporter))
	_, span := provider.Tracer("tag").Start(ctx, "GET /", trace.WithSpanKind(trace.SpanKindServer))
	span.End()
	if err := provider.Shutdown(ctx); err != nil {
		panic(err)
	}
}
