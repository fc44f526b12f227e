import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
  type DescriptorProto,
  type FieldDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import type { Signal } from "./schema.ts";

/**
 * The messages of opentelemetry-proto 1.x that traces and logs need, with google.rpc.Status. This is for the slow
 * paths (JSON, replays, answers); the hot path never decodes. Resource.entity_refs is left out: nothing here uses it. Enums stand as int32, which is how OTLP JSON writes them.
 */
const OTLP = `
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; string json_value = 1001; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
message SpanStatus { string message = 2; int32 code = 3; }
message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14; SpanStatus status = 15; fixed32 flags = 16; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
message LogRecord { fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10; fixed64 observed_time_unix_nano = 11; string event_name = 12; }
message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ExportLogsPartialSuccess { int64 rejected_log_records = 1; string error_message = 2; }
message ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }
message Any { string type_url = 1; bytes value = 2; }
message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message RetryInfo { Duration retry_delay = 1; }
`;

const SCALARS: Readonly<Record<string, Type>> = {
  string: Type.STRING,
  bytes: Type.BYTES,
  bool: Type.BOOL,
  double: Type.DOUBLE,
  int32: Type.INT32,
  int64: Type.INT64,
  uint32: Type.UINT32,
  fixed32: Type.FIXED32,
  fixed64: Type.FIXED64,
};

const registry = createFileRegistry(create(FileDescriptorProtoSchema, { name: "otlp.proto", syntax: "proto3", messageType: parse(OTLP) }), () => undefined);

export const REQUEST: Readonly<Record<Signal, DescMessage>> = { traces: message("ExportTraceServiceRequest"), logs: message("ExportLogsServiceRequest") };
export const RESPONSE: Readonly<Record<Signal, DescMessage>> = { traces: message("ExportTraceServiceResponse"), logs: message("ExportLogsServiceResponse") };
export const STATUS: DescMessage = message("Status");
export const RETRY_INFO: DescMessage = message("RetryInfo");

/** Decoded AnyValue after the walk, which leaves no nested ones. `case` is undefined where no value was sent. */
export interface AnyValue {
  readonly value:
    | { readonly case: "stringValue" | "jsonValue"; readonly value: string }
    | { readonly case: "boolValue"; readonly value: boolean }
    | { readonly case: "intValue"; readonly value: bigint }
    | { readonly case: "doubleValue"; readonly value: number }
    | { readonly case: "bytesValue"; readonly value: Uint8Array }
    | { readonly case: undefined };
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

interface Resource {
  readonly attributes: readonly KeyValue[];
}

export interface SpanMessage {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly timeUnixNano: bigint; readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly status?: { readonly message: string; readonly code: number };
}

export interface LogMessage {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body?: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

export interface TracesMessage {
  readonly resourceSpans: readonly { readonly resource?: Resource; readonly scopeSpans: readonly { readonly spans: readonly SpanMessage[] }[] }[];
}

export interface LogsMessage {
  readonly resourceLogs: readonly { readonly resource?: Resource; readonly scopeLogs: readonly { readonly logRecords: readonly LogMessage[] }[] }[];
}

function message(name: string): DescMessage {
  const found = registry.getMessage(name);
  if (found === undefined) throw new Error(`no message ${name} in the OTLP schema`);
  return found;
}

/** Reads the one-message-a-line notation above: `message NAME { [repeated] TYPE FIELD = NUMBER; … oneof NAME { … } }`. */
function parse(text: string): DescriptorProto[] {
  return [...text.matchAll(/^message (\w+) \{(.*)\}$/gm)].map(([, name, body]) => {
    const oneof = /oneof (\w+)/.exec(body as string)?.[1];
    const field = [...(body as string).matchAll(/(repeated )?(\w+) (\w+) = (\d+);/g)].map((match) => fieldOf(match, oneof !== undefined));
    return { name, field, oneofDecl: oneof === undefined ? [] : [{ name: oneof }] } as unknown as DescriptorProto;
  });
}

function fieldOf([, repeated, type, name, number]: RegExpMatchArray, inOneof: boolean): FieldDescriptorProto {
  const scalar = SCALARS[type as string];
  return create(FieldDescriptorProtoSchema, {
    name: name as string,
    jsonName: (name as string).replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    number: Number(number),
    label: repeated === undefined ? Label.OPTIONAL : Label.REPEATED,
    type: scalar ?? Type.MESSAGE,
    ...(scalar === undefined && { typeName: `.${type}` }),
    ...(inOneof && { oneofIndex: 0 }),
  });
}
