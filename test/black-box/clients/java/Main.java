import static io.opentelemetry.api.common.AttributeKey.booleanArrayKey;
import static io.opentelemetry.api.common.AttributeKey.doubleArrayKey;
import static io.opentelemetry.api.common.AttributeKey.longArrayKey;
import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.KeyValue;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Sends traces and logs with the official Java SDK and prints, as one line of JSON, what it sent (see ../sent.ts).
 *
 * <p>usage: Main SERVICE http|grpc ENDPOINT none|gzip
 */
public final class Main {
  private static final int SPANS = 300;
  private static final List<SpanData> sentSpans = new ArrayList<>();
  private static final List<LogRecordData> sentLogs = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    String service = args[0];
    Resource resource = Resource.create(Attributes.builder()
        .put("service.name", service)
        .put("deployment.environment.name", "clients")
        .put("vcs.ref.head.revision", "0123456789abcdef0123456789abcdef01234567")
        .put("vcs.repository.url.full", "https://git.example.com/shop.git")
        .put("process.pid", 4711)
        .put("load", 0.25)
        .put("canary", false)
        .put(stringArrayKey("process.command_args"), "java", "Shop")
        .put("largest", Long.MAX_VALUE)
        .put("smallest", Long.MIN_VALUE)
        .put("nan", Double.NaN)
        .put("a \"key\"", "a \"value\" \\ \n")
        .build());
    SpanExporter spans = spanExporter(args[1], args[2], args[3]);
    LogRecordExporter logs = logExporter(args[1], args[2], args[3]);
    SdkTracerProvider tracing = SdkTracerProvider.builder()
        .setResource(resource)
        .addSpanProcessor(SimpleSpanProcessor.create(new KeptSpans()))
        .addSpanProcessor(BatchSpanProcessor.builder(spans).setMaxExportBatchSize(128).build())
        .build();
    SdkLoggerProvider logging = SdkLoggerProvider.builder()
        .setResource(resource)
        .addLogRecordProcessor(SimpleLogRecordProcessor.create(new KeptLogs()))
        .addLogRecordProcessor(BatchLogRecordProcessor.builder(logs).build())
        .build();
    work(tracing.tracerBuilder("shop.checkout").setInstrumentationVersion("1.2.3").build(), logging.get("shop.log"));
    boolean done = tracing.shutdown().join(20, TimeUnit.SECONDS).isSuccess() & logging.shutdown().join(20, TimeUnit.SECONDS).isSuccess();
    if (!done) {
      throw new IllegalStateException("the exporters did not send everything");
    }
    String report = "{\"spans\":[" + sentSpans.stream().map(Main::span).collect(Collectors.joining(",")) + "],\"logs\":[" + sentLogs.stream().map(Main::log).collect(Collectors.joining(",")) + "]}\n";
    System.out.write(report.getBytes(StandardCharsets.UTF_8));
    System.out.flush();
    System.exit(0);
  }

  private static SpanExporter spanExporter(String protocol, String endpoint, String compression) {
    return protocol.equals("grpc")
        ? OtlpGrpcSpanExporter.builder().setEndpoint(endpoint).setCompression(compression).build()
        : OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").setCompression(compression).build();
  }

  private static LogRecordExporter logExporter(String protocol, String endpoint, String compression) {
    return protocol.equals("grpc")
        ? OtlpGrpcLogRecordExporter.builder().setEndpoint(endpoint).setCompression(compression).build()
        : OtlpHttpLogRecordExporter.builder().setEndpoint(endpoint + "/v1/logs").setCompression(compression).build();
  }

  private static void work(Tracer tracer, Logger logger) {
    Span root = tracer.spanBuilder("POST /checkout").setSpanKind(SpanKind.SERVER).setAllAttributes(Attributes.builder()
        .put("empty", "")
        .put("unicode", "naïve ☕ 日本 \uD83D\uDE80 \"quoted\" \\ \n\t")
        .put("zero", 0)
        .put("largest", Long.MAX_VALUE)
        .put("smallest", Long.MIN_VALUE)
        .put("odd", (1L << 53) + 1)
        .put("zero.double", 0.0)
        .put("tenth", 0.1)
        .put("tiny", Double.MIN_VALUE)
        .put("nan", Double.NaN)
        .put("infinite", Double.NEGATIVE_INFINITY)
        .put("yes", true)
        .put("no", false)
        .put(stringArrayKey("texts"), List.of("a", "", "☕"))
        .put(longArrayKey("numbers"), List.of(1L, -2L, (1L << 53) + 1))
        .put(doubleArrayKey("doubles"), List.of(0.5, 5.0))
        .put(booleanArrayKey("flags"), List.of(true, false))
        .put(stringArrayKey("none"), List.of())
        .build()).startSpan();
    Context inRoot = Context.root().with(root);
    root.addEvent("cart.loaded", Attributes.builder().put("items", 3).put("total", 5.0).put("first", false).put(stringArrayKey("skus"), "x", "y").build());
    logger.logRecordBuilder().setContext(inRoot).setSeverity(Severity.INFO).setSeverityText("INFO").setBody("checkout of cart-1")
        .setAllAttributes(Attributes.builder().put("cart", "cart-1").put("attempt", 0).put("ratio", 1.5).put("paid", false).build()).emit();

    Span pay = tracer.spanBuilder("pay").setParent(inRoot).setSpanKind(SpanKind.CLIENT).addLink(root.getSpanContext(), Attributes.builder().put("why", "retry").build()).startSpan();
    try {
      charge(null);
    } catch (IllegalStateException error) {
      pay.recordException(error, Attributes.builder().put("retryable", false).build());
      pay.setStatus(StatusCode.ERROR, "the card was refused");
      logger.logRecordBuilder().setContext(inRoot.with(pay)).setSeverity(Severity.ERROR).setSeverityText("ERROR").setBody("payment failed").setException(error).emit();
    }
    pay.end();
    for (SpanKind kind : List.of(SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL)) {
      tracer.spanBuilder("as " + kind).setParent(inRoot).setSpanKind(kind).startSpan().end();
    }
    root.setStatus(StatusCode.OK);
    root.end();

    Instant hourAgo = Instant.ofEpochSecond(Instant.now().getEpochSecond() - 3600, 999_999_999);
    tracer.spanBuilder("at a given time").setStartTimestamp(hourAgo).startSpan().end(hourAgo.plusNanos(2));
    logger.logRecordBuilder().setTimestamp(hourAgo).setSeverity(Severity.WARN2).setSeverityText("notice").setEventName("order.placed")
        .setBody(Value.of(
            KeyValue.of("order", Value.of(17)),
            KeyValue.of("lines", Value.of(line("a", 2.5), line("b", 3.0))),
            KeyValue.of("gift", Value.of(false)),
            KeyValue.of("raw", Value.of(new byte[] {0, (byte) 255}))))
        .emit();
    logger.logRecordBuilder().setBody("without a severity").emit();
    for (int number = 0; number < SPANS; number++) {
      tracer.spanBuilder("many").setAttribute("number", number).startSpan().end();
    }
  }

  private static Value<?> line(String sku, double price) {
    return Value.of(KeyValue.of("sku", Value.of(sku)), KeyValue.of("price", Value.of(price)));
  }

  private static void charge(String card) {
    try {
      card.length();
    } catch (NullPointerException cause) {
      throw new IllegalStateException("no card", cause);
    }
  }

  private static String span(SpanData one) {
    return "{" + text("traceId", one.getTraceId()) + "," + text("spanId", one.getSpanId())
        + "," + text("parentSpanId", one.getParentSpanContext().isValid() ? one.getParentSpanId() : "")
        + "," + text("name", one.getName()) + "," + text("kind", one.getKind().name().toLowerCase(Locale.ROOT))
        + "," + text("start", Long.toString(one.getStartEpochNanos())) + "," + text("end", Long.toString(one.getEndEpochNanos()))
        + "," + text("status", one.getStatus().getStatusCode().name().toLowerCase(Locale.ROOT)) + "," + text("statusMessage", one.getStatus().getDescription())
        + "," + text("scope", one.getInstrumentationScopeInfo().getName())
        + ",\"resource\":" + values(one.getResource().getAttributes()) + ",\"attributes\":" + values(one.getAttributes())
        + ",\"events\":[" + one.getEvents().stream().map(event -> "{" + text("time", Long.toString(event.getEpochNanos())) + "," + text("name", event.getName()) + ",\"attributes\":" + values(event.getAttributes()) + "}").collect(Collectors.joining(",")) + "]"
        + ",\"links\":[" + one.getLinks().stream().map(link -> "{" + text("traceId", link.getSpanContext().getTraceId()) + "," + text("spanId", link.getSpanContext().getSpanId()) + ",\"attributes\":" + values(link.getAttributes()) + "}").collect(Collectors.joining(",")) + "]}";
  }

  private static String log(LogRecordData one) {
    boolean inSpan = one.getSpanContext().isValid();
    long time = one.getTimestampEpochNanos() != 0 ? one.getTimestampEpochNanos() : one.getObservedTimestampEpochNanos();
    return "{" + text("traceId", inSpan ? one.getSpanContext().getTraceId() : "") + "," + text("spanId", inSpan ? one.getSpanContext().getSpanId() : "")
        + "," + text("time", Long.toString(time)) + ",\"severity\":" + one.getSeverity().getSeverityNumber() + "," + text("severityText", one.getSeverityText() == null ? "" : one.getSeverityText())
        + "," + text("eventName", one.getEventName() == null ? "" : one.getEventName())
        + ",\"body\":" + (one.getBodyValue() == null ? "null" : value(one.getBodyValue())) + "," + text("scope", one.getInstrumentationScopeInfo().getName())
        + ",\"resource\":" + values(one.getResource().getAttributes()) + ",\"attributes\":" + values(one.getAttributes()) + "}";
  }

  private static String values(Attributes attributes) {
    return attributes.asMap().entrySet().stream().map(entry -> json(entry.getKey().getKey()) + ":" + plain(entry.getValue())).collect(Collectors.joining(",", "{", "}"));
  }

  /** A value as attributes hold it. */
  private static String plain(Object one) {
    if (one instanceof String each) {
      return "{" + text("string", each) + "}";
    }
    if (one instanceof Long each) {
      return "{" + text("int", each.toString()) + "}";
    }
    if (one instanceof Boolean each) {
      return "{\"bool\":" + each + "}";
    }
    if (one instanceof Double each) {
      String word = each.isNaN() ? "nan" : each.isInfinite() ? (each > 0 ? "inf" : "-inf") : null;
      return "{\"double\":" + (word == null ? each.toString() : json(word)) + "}";
    }
    if (one instanceof List<?> each) {
      return each.stream().map(Main::plain).collect(Collectors.joining(",", "{\"array\":[", "]}"));
    }
    throw new IllegalArgumentException("a value of a type that is not expected: " + one.getClass());
  }

  /** A value as bodies of log records hold it. */
  private static String value(Value<?> one) {
    return switch (one.getType()) {
      case BYTES -> {
        ByteBuffer buffer = (ByteBuffer) one.getValue();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        yield "{" + text("bytes", Base64.getEncoder().encodeToString(bytes)) + "}";
      }
      case ARRAY -> ((List<?>) one.getValue()).stream().map(each -> value((Value<?>) each)).collect(Collectors.joining(",", "{\"array\":[", "]}"));
      case KEY_VALUE_LIST -> ((List<?>) one.getValue()).stream().map(each -> json(((KeyValue) each).getKey()) + ":" + value(((KeyValue) each).getValue())).collect(Collectors.joining(",", "{\"map\":{", "}}"));
      default -> plain(one.getValue());
    };
  }

  private static String text(String name, String value) {
    return json(name) + ":" + json(value);
  }

  private static String json(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.chars().forEach(unit -> {
      if (unit == '"' || unit == '\\') {
        out.append('\\').append((char) unit);
      } else if (unit < 0x20) {
        out.append(String.format("\\u%04x", unit));
      } else {
        out.append((char) unit);
      }
    });
    return out.append('"').toString();
  }

  private static final class KeptSpans implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      sentSpans.addAll(spans);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class KeptLogs implements LogRecordExporter {
    @Override
    public CompletableResultCode export(Collection<LogRecordData> logs) {
      sentLogs.addAll(logs);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
