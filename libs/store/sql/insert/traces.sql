-- One batch of concatenated ExportTraceServiceRequest messages, decoded by the engine (src/batch.ts fills it in).
-- {{source}} is a table function with the one column resource_spans; {{NAME expression}} is sql/macro/NAME.sql with
-- that expression for $1. AnyValue.value is the number of the field that is set: 1 string, 2 bool, 3 int, 4 double,
-- 7 bytes, 1001 JSON text. An event without a time has that of its span's end. A resource's maps are made once, before its spans are unfolded.
INSERT INTO spans (batch_id, start_time, duration_ns, trace_id, span_id, parent_span_id, service, environment, revision, repository,
                   name, kind, status_code, status_message, attr_str, attr_int, attr_float, attr_bool, attr_json,
                   resource_str, resource_int, resource_float, resource_bool, resource_json, scope_name, event_time, event_name, event_attr)
SELECT
  {{batch}} AS batch_id,
  fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano), 'UTC') AS start_time,
  if(s.end_time_unix_nano > s.start_time_unix_nano, s.end_time_unix_nano - s.start_time_unix_nano, 0) AS duration_ns,
  toFixedString(s.trace_id, 16) AS trace_id,
  toFixedString(s.span_id, 8) AS span_id,
  toFixedString(s.parent_span_id, 8) AS parent_span_id,
  service, environment, revision, repository,
  s.name AS name,
  CAST(if(s.kind BETWEEN 0 AND 5, s.kind, 0), 'Enum8(''unspecified'' = 0, ''internal'' = 1, ''server'' = 2, ''client'' = 3, ''producer'' = 4, ''consumer'' = 5)') AS kind,
  CAST(if(s.status.code BETWEEN 0 AND 2, s.status.code, 0), 'Enum8(''unset'' = 0, ''ok'' = 1, ''error'' = 2)') AS status_code,
  s.status.message AS status_message,
  {{strings s.attributes}} AS attr_str,
  {{ints s.attributes}} AS attr_int,
  {{floats s.attributes}} AS attr_float,
  {{bools s.attributes}} AS attr_bool,
  {{jsons s.attributes}} AS attr_json,
  resource_str, resource_int, resource_float, resource_bool, resource_json,
  scope_name,
  arrayMap(e -> fromUnixTimestamp64Nano(toInt64(if(e.time_unix_nano > 0, e.time_unix_nano, s.end_time_unix_nano)), 'UTC'), s.events) AS event_time,
  arrayMap(e -> e.name, s.events) AS event_name,
  arrayMap(e -> concat('{', arrayStringConcat(arrayMap(kv -> concat(toJSONString(kv.key), ':', {{json kv.value}}), arrayFilter(kv -> kv.value.value != 0, e.attributes)), ','), '}'), s.events) AS event_attr
FROM (
  SELECT service, environment, revision, repository, resource_str, resource_int, resource_float, resource_bool, resource_json,
         ss.scope.name AS scope_name, arrayJoin(ss.spans) AS s
  FROM (
    SELECT
      {{resource rs.resource.attributes}} AS resource_str,
      {{ints rs.resource.attributes}} AS resource_int,
      {{floats rs.resource.attributes}} AS resource_float,
      {{bools rs.resource.attributes}} AS resource_bool,
      {{jsons rs.resource.attributes}} AS resource_json,
      {{identity}},
      arrayJoin(rs.scope_spans) AS ss
    FROM (SELECT arrayJoin(resource_spans) AS rs FROM {{source}})
  )
)
SETTINGS {{settings}}
