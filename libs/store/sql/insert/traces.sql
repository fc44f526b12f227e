-- One batch of concatenated ExportTraceServiceRequest messages, decoded by the engine (src/batch.ts fills it in).
-- {{source}} is a table function with the one column resource_spans; {{NAME expression}} is sql/macro/NAME.sql with
-- that expression for $1. AnyValue.value is the number of the field that is set: 1 string, 2 bool, 3 int, 4 double,
-- 7 bytes, 1001 JSON text. An event without a time has that of its span's end. What comes of a resource is made once,
-- before its spans are unfolded. The macros of maps read the columns keys, v and types; each level of subqueries names
-- what the next uses often, because the engine analyses an alias anew wherever it stands in the same SELECT.
INSERT INTO spans (batch_id, start_time, duration_ns, trace_id, span_id, parent_span_id, service, environment, revision, repository,
                   name, kind, status_code, status_message, attr_str, attr_int, attr_float, attr_bool, attr_json, resource, scope_name, events, links)
SELECT
  {{batch}} AS batch_id,
  fromUnixTimestamp64Nano(toInt64(s.start_time_unix_nano), 'UTC') AS start_time,
  if(s.end_time_unix_nano > s.start_time_unix_nano, s.end_time_unix_nano - s.start_time_unix_nano, 0) AS duration_ns,
  toFixedString(s.trace_id, 16) AS trace_id,
  toFixedString(s.span_id, 8) AS span_id,
  toFixedString(s.parent_span_id, 8) AS parent_span_id,
  service, environment, revision, repository,
  s.name AS name,
  if(s.kind BETWEEN 0 AND 5, s.kind, 0) AS kind,
  if(s.status.code BETWEEN 0 AND 2, s.status.code, 0) AS status_code,
  s.status.message AS status_message,
  {{strings}} AS attr_str,
  {{ints}} AS attr_int,
  {{floats}} AS attr_float,
  {{bools}} AS attr_bool,
  {{jsons}} AS attr_json,
  resource, scope_name,
  arrayMap(e -> (fromUnixTimestamp64Nano(toInt64(if(e.time_unix_nano > 0, e.time_unix_nano, s.end_time_unix_nano)), 'UTC'), e.name, {{object e.attributes}}), s.events) AS events,
  arrayMap(l -> (toFixedString(substring(l.trace_id, 1, 16), 16), toFixedString(substring(l.span_id, 1, 8), 8), {{object l.attributes}}), s.links) AS links
FROM (
  SELECT service, environment, revision, repository, resource, scope_name, s, s.attributes.key AS keys, s.attributes.value AS v, v.value AS types
  FROM (
    SELECT service, environment, revision, repository, resource, ss.scope.name AS scope_name, arrayJoin(ss.spans) AS s
    FROM (
      SELECT {{identity}}, {{resource_json}} AS resource, arrayJoin(scopes) AS ss
      FROM (
        SELECT {{resource rs.resource.attributes}} AS resource_map, rs.scope_spans AS scopes, rs.resource.attributes.key AS keys, rs.resource.attributes.value AS v, v.value AS types
        FROM (SELECT arrayJoin(resource_spans) AS rs FROM {{source}})
      )
    )
  )
)
SETTINGS {{settings}}
