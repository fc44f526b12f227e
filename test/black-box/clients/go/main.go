// Command client sends traces and logs with the official Go SDK and prints, as one line of JSON, what it sent
// (see ../sent.ts).
//
// usage: client SERVICE http|grpc ENDPOINT none|gzip
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const spans = 300

type object = map[string]any

func main() {
	if len(os.Args) != 5 {
		panic("usage: client SERVICE http|grpc ENDPOINT none|gzip")
	}
	service, protocol, endpoint, gzip := os.Args[1], os.Args[2], strings.TrimPrefix(os.Args[3], "http://"), os.Args[4] == "gzip"
	ctx := context.Background()
	spanExporter, logExporter := exporters(ctx, protocol, endpoint, gzip)
	res := resource.NewSchemaless(
		attribute.String("service.name", service),
		attribute.String("deployment.environment.name", "clients"),
		attribute.String("vcs.ref.head.revision", "0123456789abcdef0123456789abcdef01234567"),
		attribute.String("vcs.repository.url.full", "https://git.example.com/shop.git"),
		attribute.Int("process.pid", 4711),
		attribute.Float64("load", 0.25),
		attribute.Bool("canary", false),
		attribute.StringSlice("process.command_args", []string{"shop", "-v"}),
		attribute.Int64("largest", math.MaxInt64),
		attribute.Int64("smallest", math.MinInt64),
		attribute.Float64("nan", math.NaN()),
		attribute.String("a \"key\" ☕", "a \"value\" \\ \n"),
	)
	sent := &record{}
	tracing := sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithSpanProcessor(sent), sdktrace.WithBatcher(spanExporter, sdktrace.WithMaxExportBatchSize(128)))
	logging := sdklog.NewLoggerProvider(sdklog.WithResource(res), sdklog.WithProcessor(logRecord{sent}), sdklog.WithProcessor(sdklog.NewBatchProcessor(logExporter)))
	work(ctx, tracing.Tracer("shop.checkout", trace.WithInstrumentationVersion("1.2.3")), logging.Logger("shop.log"))
	must(tracing.Shutdown(ctx))
	must(logging.Shutdown(ctx))
	must(json.NewEncoder(os.Stdout).Encode(object{"spans": sent.spans, "logs": sent.logs}))
}

func exporters(ctx context.Context, protocol, endpoint string, gzip bool) (sdktrace.SpanExporter, sdklog.Exporter) {
	if protocol == "grpc" {
		traceOptions := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(endpoint), otlptracegrpc.WithInsecure()}
		logOptions := []otlploggrpc.Option{otlploggrpc.WithEndpoint(endpoint), otlploggrpc.WithInsecure()}
		if gzip {
			traceOptions = append(traceOptions, otlptracegrpc.WithCompressor("gzip"))
			logOptions = append(logOptions, otlploggrpc.WithCompressor("gzip"))
		}
		return only(otlptracegrpc.New(ctx, traceOptions...)), only(otlploggrpc.New(ctx, logOptions...))
	}
	traceOptions := []otlptracehttp.Option{otlptracehttp.WithEndpoint(endpoint), otlptracehttp.WithInsecure()}
	logOptions := []otlploghttp.Option{otlploghttp.WithEndpoint(endpoint), otlploghttp.WithInsecure()}
	if gzip {
		traceOptions = append(traceOptions, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))
		logOptions = append(logOptions, otlploghttp.WithCompression(otlploghttp.GzipCompression))
	}
	return only(otlptracehttp.New(ctx, traceOptions...)), only(otlploghttp.New(ctx, logOptions...))
}

func work(ctx context.Context, tracer trace.Tracer, logger log.Logger) {
	inRoot, root := tracer.Start(ctx, "POST /checkout", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("empty", ""),
		attribute.String("unicode", "naïve ☕ 日本 🚀 \"quoted\" \\ \n\t"),
		attribute.Int("zero", 0),
		attribute.Int64("largest", math.MaxInt64),
		attribute.Int64("smallest", math.MinInt64),
		attribute.Int64("odd", 1<<53+1),
		attribute.Float64("zero.double", 0),
		attribute.Float64("tenth", 0.1),
		attribute.Float64("tiny", math.SmallestNonzeroFloat64),
		attribute.Float64("nan", math.NaN()),
		attribute.Float64("infinite", math.Inf(-1)),
		attribute.Bool("yes", true),
		attribute.Bool("no", false),
		attribute.StringSlice("texts", []string{"a", "", "☕"}),
		attribute.Int64Slice("numbers", []int64{1, -2, 1<<53 + 1}),
		attribute.Float64Slice("doubles", []float64{0.5, 5}),
		attribute.BoolSlice("flags", []bool{true, false}),
		attribute.StringSlice("none", []string{}),
	))
	root.AddEvent("cart.loaded", trace.WithAttributes(attribute.Int("items", 3), attribute.Float64("total", 5), attribute.Bool("first", false), attribute.StringSlice("skus", []string{"x", "y"})))
	emit(inRoot, logger, log.SeverityInfo, "INFO", log.StringValue("checkout of cart-1"), log.String("cart", "cart-1"), log.Int("attempt", 0), log.Float64("ratio", 1.5), log.Bool("paid", false))

	inPay, pay := tracer.Start(inRoot, "pay", trace.WithSpanKind(trace.SpanKindClient), trace.WithLinks(trace.Link{SpanContext: root.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("why", "retry")}}))
	err := fmt.Errorf("charge: %w", errors.New("no card"))
	pay.RecordError(err, trace.WithStackTrace(true))
	pay.SetStatus(codes.Error, "the card was refused")
	emit(inPay, logger, log.SeverityError, "ERROR", log.StringValue("payment failed"), log.String("exception.type", fmt.Sprintf("%T", err)), log.String("exception.message", err.Error()), log.String("exception.stacktrace", "goroutine 1 [running]:\nmain.charge(0x0)\n\t/shop/main.go:17 +0x1d"))
	pay.End()
	for _, kind := range []trace.SpanKind{trace.SpanKindProducer, trace.SpanKindConsumer, trace.SpanKindInternal} {
		_, span := tracer.Start(inRoot, "as "+kind.String(), trace.WithSpanKind(kind))
		span.End()
	}
	root.SetStatus(codes.Ok, "")
	root.End()

	hourAgo := time.Now().Add(-time.Hour).Truncate(time.Second).Add(999_999_999)
	_, span := tracer.Start(ctx, "at a given time", trace.WithTimestamp(hourAgo))
	span.End(trace.WithTimestamp(hourAgo.Add(2)))
	emit(ctx, logger, log.SeverityWarn2, "notice", log.MapValue(
		log.Int("order", 17),
		log.Slice("lines", log.MapValue(log.String("sku", "a"), log.Float64("price", 2.5)), log.MapValue(log.String("sku", "b"), log.Float64("price", 3))),
		log.Bool("gift", false),
	), log.Bytes("bytes", []byte{0, 255}), log.Map("nested", log.Map("a", log.Slice("b", log.IntValue(1), log.StringValue("two"), log.Float64Value(3)))))
	emit(ctx, logger, log.SeverityUndefined, "", log.StringValue("without a severity"))
	for number := range spans {
		_, span := tracer.Start(ctx, "many", trace.WithAttributes(attribute.Int("number", number)))
		span.End()
	}
}

func emit(ctx context.Context, logger log.Logger, severity log.Severity, text string, body log.Value, attributes ...log.KeyValue) {
	var one log.Record
	one.SetTimestamp(time.Now())
	one.SetSeverity(severity)
	one.SetSeverityText(text)
	one.SetBody(body)
	one.AddAttributes(attributes...)
	logger.Emit(ctx, one)
}

// record keeps what the SDK hands to its exporters, in the form of ../sent.ts.
type record struct {
	lock  sync.Mutex
	spans []object
	logs  []object
}

func (r *record) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (r *record) Shutdown(context.Context) error                  { return nil }
func (r *record) ForceFlush(context.Context) error                { return nil }

func (r *record) OnEnd(span sdktrace.ReadOnlySpan) {
	parent := ""
	if span.Parent().IsValid() {
		parent = span.Parent().SpanID().String()
	}
	events, links := []object{}, []object{}
	for _, event := range span.Events() {
		events = append(events, object{"time": nanos(event.Time), "name": event.Name, "attributes": attributes(event.Attributes)})
	}
	for _, link := range span.Links() {
		links = append(links, object{"traceId": link.SpanContext.TraceID().String(), "spanId": link.SpanContext.SpanID().String(), "attributes": attributes(link.Attributes)})
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	r.spans = append(r.spans, object{
		"traceId": span.SpanContext().TraceID().String(), "spanId": span.SpanContext().SpanID().String(), "parentSpanId": parent, "name": span.Name(),
		"kind": span.SpanKind().String(), "start": nanos(span.StartTime()), "end": nanos(span.EndTime()),
		"status": strings.ToLower(span.Status().Code.String()), "statusMessage": span.Status().Description, "scope": span.InstrumentationScope().Name,
		"resource": attributes(span.Resource().Attributes()), "attributes": attributes(span.Attributes()), "events": events, "links": links,
	})
}

type logRecord struct{ *record }

func (r logRecord) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (r logRecord) OnEmit(_ context.Context, one *sdklog.Record) error {
	values := object{}
	one.WalkAttributes(func(kv log.KeyValue) bool {
		values[kv.Key] = logValue(kv.Value)
		return true
	})
	traceID, spanID := "", ""
	if one.TraceID().IsValid() {
		traceID, spanID = one.TraceID().String(), one.SpanID().String()
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	r.logs = append(r.logs, object{
		"traceId": traceID, "spanId": spanID, "time": nanos(one.Timestamp()), "severity": int(one.Severity()), "severityText": one.SeverityText(), "eventName": one.EventName(),
		"body": logValue(one.Body()), "scope": one.InstrumentationScope().Name, "resource": attributes(one.Resource().Attributes()), "attributes": values,
	})
	return nil
}

func attributes(list []attribute.KeyValue) object {
	values := object{}
	for _, kv := range list {
		values[string(kv.Key)] = value(kv.Value)
	}
	return values
}

func value(one attribute.Value) object {
	switch one.Type() {
	case attribute.STRING:
		return object{"string": one.AsString()}
	case attribute.INT64:
		return whole(one.AsInt64())
	case attribute.FLOAT64:
		return double(one.AsFloat64())
	case attribute.BOOL:
		return object{"bool": one.AsBool()}
	case attribute.STRINGSLICE:
		return array(one.AsStringSlice(), func(each string) object { return object{"string": each} })
	case attribute.INT64SLICE:
		return array(one.AsInt64Slice(), whole)
	case attribute.FLOAT64SLICE:
		return array(one.AsFloat64Slice(), double)
	case attribute.BOOLSLICE:
		return array(one.AsBoolSlice(), func(each bool) object { return object{"bool": each} })
	default:
		panic("an attribute of a type that is not expected: " + one.Type().String())
	}
}

func logValue(one log.Value) object {
	switch one.Kind() {
	case log.KindString:
		return object{"string": one.AsString()}
	case log.KindInt64:
		return whole(one.AsInt64())
	case log.KindFloat64:
		return double(one.AsFloat64())
	case log.KindBool:
		return object{"bool": one.AsBool()}
	case log.KindBytes:
		return object{"bytes": base64.StdEncoding.EncodeToString(one.AsBytes())}
	case log.KindSlice:
		return array(one.AsSlice(), logValue)
	case log.KindMap:
		values := object{}
		for _, kv := range one.AsMap() {
			values[kv.Key] = logValue(kv.Value)
		}
		return object{"map": values}
	default:
		panic("a value of a kind that is not expected: " + one.Kind().String())
	}
}

func array[T any](list []T, each func(T) object) object {
	values := []object{}
	for _, one := range list {
		values = append(values, each(one))
	}
	return object{"array": values}
}

func whole(one int64) object { return object{"int": strconv.FormatInt(one, 10)} }

func double(one float64) object {
	switch {
	case math.IsNaN(one):
		return object{"double": "nan"}
	case math.IsInf(one, 1):
		return object{"double": "inf"}
	case math.IsInf(one, -1):
		return object{"double": "-inf"}
	default:
		return object{"double": one}
	}
}

func nanos(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }

func only[T any](one T, err error) T {
	must(err)
	return one
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
