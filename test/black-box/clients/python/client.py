"""Sends traces and logs with the official Python SDK and prints, as one line of JSON, what it sent (see ../sent.ts).

usage: client.py SERVICE http|grpc ENDPOINT none|gzip
"""

import base64
import json
import logging
import sys
import time

import grpc
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

SPANS = 300


def main():
    service, protocol, endpoint, compression = sys.argv[1:]
    resource = Resource(
        {
            "service.name": service,
            "deployment.environment.name": "clients",
            "vcs.ref.head.revision": "0123456789abcdef0123456789abcdef01234567",
            "vcs.repository.url.full": "https://git.example.com/shop.git",
            "process.pid": 4711,
            "load": 0.25,
            "canary": False,
            "process.command_args": ["python", "shop.py"],
            "largest": 2**63 - 1,
            "smallest": -(2**63),
            "nan": float("nan"),
            "a \"key\" ☕": "a \"value\" \\ \n",
        }
    )
    if protocol == "grpc":
        squeeze = grpc.Compression.Gzip if compression == "gzip" else grpc.Compression.NoCompression
        spans = GrpcSpans(endpoint=endpoint, insecure=True, compression=squeeze)
        logs = GrpcLogs(endpoint=endpoint, insecure=True, compression=squeeze)
    else:
        squeeze = Compression.Gzip if compression == "gzip" else Compression.NoCompression
        spans = HttpSpans(endpoint=f"{endpoint}/v1/traces", compression=squeeze)
        logs = HttpLogs(endpoint=f"{endpoint}/v1/logs", compression=squeeze)

    sent_spans, sent_logs = InMemorySpanExporter(), InMemoryLogRecordExporter()
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(SimpleSpanProcessor(sent_spans))
    traces.add_span_processor(BatchSpanProcessor(spans, max_export_batch_size=128))
    records = LoggerProvider(resource=resource)
    records.add_log_record_processor(SimpleLogRecordProcessor(sent_logs))
    records.add_log_record_processor(BatchLogRecordProcessor(logs))

    work(traces.get_tracer("shop.checkout", "1.2.3"), records)
    traces.shutdown()
    records.shutdown()
    print(json.dumps({"spans": [span(one) for one in sent_spans.get_finished_spans()], "logs": [log(one) for one in sent_logs.get_finished_logs()]}))


def work(tracer, records):
    logger = logging.getLogger("shop")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(LoggingHandler(logger_provider=records))

    with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER) as root:
        root.set_attributes(
            {
                "empty": "",
                "unicode": "naïve ☕ 日本 \U0001f680 \"quoted\" \\ \n\t",
                "zero": 0,
                "largest": 2**63 - 1,
                "smallest": -(2**63),
                "odd": 2**53 + 1,
                "zero.double": 0.0,
                "tenth": 0.1,
                "tiny": 5e-324,
                "nan": float("nan"),
                "infinite": float("-inf"),
                "yes": True,
                "no": False,
                "texts": ["a", "", "☕"],
                "numbers": [1, -2, 2**53 + 1],
                "doubles": [0.5, 5.0],
                "flags": [True, False],
                "none": [],
            }
        )
        root.add_event("cart.loaded", {"items": 3, "total": 5.0, "first": False, "skus": ["x", "y"]})
        logger.info("checkout of %s", "cart-1", extra={"cart": "cart-1", "attempt": 0, "ratio": 1.5, "paid": False})
        link = Link(root.get_span_context(), {"why": "retry"})
        with tracer.start_as_current_span("pay", kind=SpanKind.CLIENT, links=[link]) as pay:
            try:
                charge(None)
            except TypeError as error:
                pay.record_exception(error, attributes={"retryable": False})
                pay.set_status(Status(StatusCode.ERROR, "the card was refused"))
                logger.exception("payment failed")
        for kind in (SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL):
            tracer.start_span(f"as {kind.name}", kind=kind).end()
        root.set_status(StatusCode.OK)
    logger.debug("after")
    logger.critical("low memory")
    direct(records.get_logger("shop.direct"))
    tracer.start_span("at a given time", start_time=time.time_ns() - 3_600_000_000_001).end(time.time_ns() - 3_599_999_999_998)
    for number in range(SPANS):
        tracer.start_span("many", attributes={"number": number}).end()


def charge(card):
    return card["number"] + 1


def direct(logger):
    """The logs API itself: bodies that are no text, an event name, an observed time only."""
    now = time.time_ns()
    body = {"order": 17, "lines": [{"sku": "a", "price": 2.5}, {"sku": "b", "price": 3.0}], "gift": False}
    logger.emit(timestamp=now, observed_timestamp=now, severity_number=SeverityNumber.WARN2, severity_text="notice", event_name="order.placed", body=body, attributes={"bytes": b"\x00\xff", "nested": {"a": {"b": ["one", "two"]}}})
    logger.emit(timestamp=now + 1, observed_timestamp=now, body="without a severity")


def span(one):
    return {
        "traceId": f"{one.context.trace_id:032x}",
        "spanId": f"{one.context.span_id:016x}",
        "parentSpanId": f"{one.parent.span_id:016x}" if one.parent else "",
        "name": one.name,
        "kind": one.kind.name.lower(),
        "start": str(one.start_time),
        "end": str(one.end_time),
        "status": one.status.status_code.name.lower(),
        "statusMessage": one.status.description or "",
        "scope": one.instrumentation_scope.name,
        "resource": values(one.resource.attributes),
        "attributes": values(one.attributes),
        "events": [{"time": str(event.timestamp), "name": event.name, "attributes": values(event.attributes)} for event in one.events],
        "links": [{"traceId": f"{link.context.trace_id:032x}", "spanId": f"{link.context.span_id:016x}", "attributes": values(link.attributes)} for link in one.links],
    }


def log(one):
    record = one.log_record
    return {
        "traceId": f"{record.trace_id:032x}" if record.trace_id else "",
        "spanId": f"{record.span_id:016x}" if record.span_id else "",
        "time": str(record.timestamp or record.observed_timestamp),
        "severity": record.severity_number.value if record.severity_number else 0,
        "severityText": record.severity_text or "",
        "eventName": record.event_name or "",
        "body": None if record.body is None else value(record.body),
        "scope": one.instrumentation_scope.name,
        "resource": values(one.resource.attributes),
        "attributes": values(record.attributes),
    }


def values(attributes):
    return {key: value(one) for key, one in (attributes or {}).items()}


def value(one):
    if isinstance(one, bool):
        return {"bool": one}
    if isinstance(one, str):
        return {"string": one}
    if isinstance(one, int):
        return {"int": str(one)}
    if isinstance(one, float):
        return {"double": one if abs(one) < float("inf") else str(one)}
    if isinstance(one, bytes):
        return {"bytes": base64.b64encode(one).decode()}
    if hasattr(one, "items"):
        return {"map": values(one)}
    return {"array": [value(each) for each in one]}


main()
