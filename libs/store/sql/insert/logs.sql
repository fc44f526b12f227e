-- One batch of concatenated ExportLogsServiceRequest messages, decoded by the engine. Templates as in traces.sql.
-- A record without a time has the time at which it was observed, and without that the time of the batch.
INSERT INTO logs (batch_id, time, trace_id, span_id, service, environment, revision, repository, severity, severity_text, event_name, body,
                  attr_str, attr_int, attr_float, attr_bool, attr_json, resource, scope_name)
SELECT
  {{batch}} AS batch_id,
  fromUnixTimestamp64Nano(toInt64(multiIf(r.time_unix_nano > 0, r.time_unix_nano, r.observed_time_unix_nano > 0, r.observed_time_unix_nano, {{batch_time_ns}})), 'UTC') AS time,
  toFixedString(r.trace_id, 16) AS trace_id,
  toFixedString(r.span_id, 8) AS span_id,
  service, environment, revision, repository,
  toUInt8(if(r.severity_number BETWEEN 0 AND 24, r.severity_number, 0)) AS severity,
  r.severity_text AS severity_text,
  r.event_name AS event_name,
  multiIf(r.body.value = 0, '', r.body.value = 1, r.body.string_value, {{json r.body}}) AS body,
  {{strings}} AS attr_str,
  {{ints}} AS attr_int,
  {{floats}} AS attr_float,
  {{bools}} AS attr_bool,
  {{jsons}} AS attr_json,
  resource, scope_name
FROM (
  SELECT service, environment, revision, repository, resource, scope_name, r, r.attributes.key AS keys, r.attributes.value AS v, v.value AS types
  FROM (
    SELECT service, environment, revision, repository, resource, sl.scope.name AS scope_name, arrayJoin(sl.log_records) AS r
    FROM (
      SELECT {{identity}}, {{resource_json}} AS resource, arrayJoin(scopes) AS sl
      FROM (
        SELECT {{resource rl.resource.attributes}} AS resource_map, rl.scope_logs AS scopes, rl.resource.attributes.key AS keys, rl.resource.attributes.value AS v, v.value AS types
        FROM (SELECT arrayJoin(resource_logs) AS rl FROM {{source}})
      )
    )
  )
)
SETTINGS {{settings}}
