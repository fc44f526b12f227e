/** Which of the two requests: ExportTraceServiceRequest or ExportLogsServiceRequest. */
export type Signal = "traces" | "logs";

/**
 * The part of OTLP that ClickHouse reads, as a schema that it accepts:
 * - no `package`, because with one the message is not found;
 * - no recursion: the walk replaces array_value (5) and kvlist_value (6) by their JSON text in field 1001;
 * - enums are int32, because an enumerator that the schema does not name would fail the whole batch.
 * Field numbers are those of opentelemetry-proto 1.x; whatever is not named here, the engine skips.
 *
 * Use: format_schema_source='string', format_schema=ENGINE_SCHEMA, format_schema_message_name=ENGINE_MESSAGE[signal],
 * input_format_protobuf_oneof_presence=1, format ProtobufSingle, structure ENGINE_COLUMNS[signal].
 */
export const ENGINE_SCHEMA = `syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; bytes bytes_value = 7; string json_value = 1001; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Link { bytes trace_id = 1; bytes span_id = 2; repeated KeyValue attributes = 4; }
message Status { string message = 2; int32 code = 3; }
message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; repeated Event events = 11; repeated Link links = 13; Status status = 15; }
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message LogRecord { fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12; }
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
`;

export const ENGINE_MESSAGE: Readonly<Record<Signal, string>> = { traces: "ExportTraceServiceRequest", logs: "ExportLogsServiceRequest" };

/** Number of the AnyValue field that holds nested values as JSON text in rewritten bodies. It exists nowhere else. */
export const JSON_VALUE_FIELD = 1001;

/** `value` is the name of the oneof: it receives the number of the field that is present, 0 where there is none. */
const ANY = "Tuple(string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, json_value String, value Int32)";
/** Few keys, many times: as a dictionary they are read faster than as texts, and stored so too. */
const ATTRIBUTES = `Array(Tuple(key LowCardinality(String), value ${ANY}))`;
const SCOPE = "Tuple(name String, version String)";
const RESOURCE = `Tuple(attributes ${ATTRIBUTES})`;
const EVENT = `Tuple(time_unix_nano UInt64, name String, attributes ${ATTRIBUTES})`;
const LINK = `Tuple(trace_id String, span_id String, attributes ${ATTRIBUTES})`;
const SPAN = `Tuple(trace_id String, span_id String, parent_span_id String, name String, kind Int32, start_time_unix_nano UInt64, end_time_unix_nano UInt64, attributes ${ATTRIBUTES}, events Array(${EVENT}), links Array(${LINK}), status Tuple(message String, code Int32))`;
const LOG_RECORD = `Tuple(time_unix_nano UInt64, severity_number Int32, severity_text String, body ${ANY}, attributes ${ATTRIBUTES}, trace_id String, span_id String, observed_time_unix_nano UInt64, event_name String)`;

/** ClickHouse structure of one request, for `file(…, ProtobufSingle, '…')` or `input('…')`. Only the columns that the store keeps. */
export const ENGINE_COLUMNS: Readonly<Record<Signal, string>> = {
  traces: `resource_spans Array(Tuple(resource ${RESOURCE}, scope_spans Array(Tuple(scope ${SCOPE}, spans Array(${SPAN})))))`,
  logs: `resource_logs Array(Tuple(resource ${RESOURCE}, scope_logs Array(Tuple(scope ${SCOPE}, log_records Array(${LOG_RECORD})))))`,
};
