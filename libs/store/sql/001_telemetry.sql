-- Telemetry as it came. A batch is one INSERT; batch_id sorts by time of arrival, and so do spans and logs: merges only
-- string batches together, a batch is a range of the primary key, and a time is found by the minmax index. Why each
-- column, codec and index is as it is, with the alternatives measured: libs/store/BENCHMARKING.md.
-- Ids are kept as bytes (FixedString); *_hex are the lower-case texts that everything outside the store uses.
-- A batch is inserted with its id as deduplication token: within the window (batches per table) a second insert of it
-- changes nothing. The views' tables have a window of their own, because the engine checks the token in each of them:
-- so a batch that was cut short between a table and its view is completed by the retry.
CREATE TABLE IF NOT EXISTS spans (
  batch_id        UInt64 CODEC(Delta, ZSTD(1)),
  start_time      DateTime64(9, 'UTC') CODEC(ZSTD(1)),
  duration_ns     UInt64 CODEC(T64, ZSTD(1)),
  trace_id        FixedString(16) CODEC(ZSTD(1)),
  span_id         FixedString(8) CODEC(NONE),
  parent_span_id  FixedString(8) CODEC(ZSTD(1)),
  trace_hex       String ALIAS lower(hex(trace_id)),
  span_hex        String ALIAS lower(hex(span_id)),
  parent_hex      String ALIAS if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))),
  -- Who sent it, from the resource.
  service         LowCardinality(String) CODEC(ZSTD(1)),
  environment     LowCardinality(String) CODEC(ZSTD(1)),
  revision        LowCardinality(String) CODEC(ZSTD(1)),
  repository      LowCardinality(String) CODEC(ZSTD(1)),
  name            LowCardinality(String) CODEC(ZSTD(1)),
  kind            Enum8('unspecified' = 0, 'internal' = 1, 'server' = 2, 'client' = 3, 'producer' = 4, 'consumer' = 5) CODEC(ZSTD(1)),
  status_code     Enum8('unset' = 0, 'ok' = 1, 'error' = 2) CODEC(ZSTD(1)),
  status_message  String CODEC(ZSTD(1)),
  -- Attributes by type, so that 0, false and '' are told from absent and 64-bit integers stay exact.
  -- attr_json holds arrays and key-value lists as JSON text.
  attr_str        Map(LowCardinality(String), String) CODEC(ZSTD(6)),
  attr_int        Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
  attr_float      Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  attr_bool       Map(LowCardinality(String), Bool) CODEC(ZSTD(1)),
  attr_json       Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  -- All of a resource's attributes as one JSON text {"str":{…},"int":{…},"float":{…},"bool":{…},"json":{…}}: the spans of
  -- a process share it, so each part of the table holds it once. The maps are made of it where a query names them.
  -- Doubles stand in it as the integer of their 64 bits, because JSON has neither NaN nor a safe 1e20.
  resource        LowCardinality(String) CODEC(ZSTD(1)),
  resource_str    Map(String, String) ALIAS JSONExtract(resource, 'str', 'Map(String, String)'),
  resource_int    Map(String, Int64) ALIAS JSONExtract(resource, 'int', 'Map(String, Int64)'),
  resource_float  Map(String, Float64) ALIAS mapApply((k, v) -> (k, reinterpretAsFloat64(v)), JSONExtract(resource, 'float', 'Map(String, Int64)')),
  resource_bool   Map(String, Bool) ALIAS JSONExtract(resource, 'bool', 'Map(String, Bool)'),
  resource_json   Map(String, String) ALIAS JSONExtract(resource, 'json', 'Map(String, String)'),
  scope_name      LowCardinality(String) CODEC(ZSTD(1)),
  -- Attributes of events and links are JSON objects with their types kept: whole doubles are written 5.0, integers in
  -- full (beyond 2^53 too, so read them with a reader that keeps them), NaN and the infinities as text.
  events          Array(Tuple(time DateTime64(9, 'UTC'), name LowCardinality(String), attributes String)) CODEC(ZSTD(1)),
  event_time      Array(DateTime64(9, 'UTC')) ALIAS events.time,
  event_name      Array(LowCardinality(String)) ALIAS events.name,
  event_attr      Array(String) ALIAS events.attributes,
  links           Array(Tuple(trace_id FixedString(16), span_id FixedString(8), attributes String)) CODEC(ZSTD(1)),
  -- Names of today's semantic conventions and those before them. Read, not stored: they stand in the maps already.
  exception_type  String ALIAS JSONExtractString(events.attributes[indexOf(events.name, 'exception')], 'exception.type'),
  code_file       String ALIAS if(mapContains(attr_str, 'code.file.path'), attr_str['code.file.path'], attr_str['code.filepath']),
  code_function   String ALIAS if(mapContains(attr_str, 'code.function.name'), attr_str['code.function.name'], attr_str['code.function']),
  code_line       Int64 ALIAS if(mapContains(attr_int, 'code.line.number'), attr_int['code.line.number'], attr_int['code.lineno']),
  -- Attribute search: WHERE has(attr_items, cityHash64(KEY, VALUE)) AND attr_str[KEY] = VALUE, and integers likewise.
  attr_items      Array(UInt64) ALIAS arrayConcat(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_str), mapValues(attr_str)), arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_int), mapValues(attr_int))),
  INDEX item_index arrayConcat(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_str), mapValues(attr_str)), arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_int), mapValues(attr_int))) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX time_index start_time TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(start_time)
ORDER BY batch_id
TTL toDateTime(start_time) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 20000, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, min_rows_for_wide_part = 1000000, min_bytes_for_wide_part = 1073741824, merge_selector_base = 12, min_parts_to_merge_at_once = 8;

CREATE TABLE IF NOT EXISTS logs (
  batch_id        UInt64 CODEC(Delta, ZSTD(1)),
  time            DateTime64(9, 'UTC') CODEC(ZSTD(1)),
  trace_id        FixedString(16) CODEC(ZSTD(1)),
  span_id         FixedString(8) CODEC(ZSTD(1)),
  trace_hex       String ALIAS if(trace_id = toFixedString('', 16), '', lower(hex(trace_id))),
  span_hex        String ALIAS if(span_id = toFixedString('', 8), '', lower(hex(span_id))),
  service         LowCardinality(String) CODEC(ZSTD(1)),
  environment     LowCardinality(String) CODEC(ZSTD(1)),
  revision        LowCardinality(String) CODEC(ZSTD(1)),
  repository      LowCardinality(String) CODEC(ZSTD(1)),
  severity        UInt8 CODEC(ZSTD(1)),
  severity_text   LowCardinality(String) CODEC(ZSTD(1)),
  event_name      LowCardinality(String) CODEC(ZSTD(1)),
  body            String CODEC(ZSTD(3)),
  attr_str        Map(LowCardinality(String), String) CODEC(ZSTD(3)),
  attr_int        Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
  attr_float      Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
  attr_bool       Map(LowCardinality(String), Bool) CODEC(ZSTD(1)),
  attr_json       Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  resource        LowCardinality(String) CODEC(ZSTD(1)),
  resource_str    Map(String, String) ALIAS JSONExtract(resource, 'str', 'Map(String, String)'),
  resource_int    Map(String, Int64) ALIAS JSONExtract(resource, 'int', 'Map(String, Int64)'),
  resource_float  Map(String, Float64) ALIAS mapApply((k, v) -> (k, reinterpretAsFloat64(v)), JSONExtract(resource, 'float', 'Map(String, Int64)')),
  resource_bool   Map(String, Bool) ALIAS JSONExtract(resource, 'bool', 'Map(String, Bool)'),
  resource_json   Map(String, String) ALIAS JSONExtract(resource, 'json', 'Map(String, String)'),
  scope_name      LowCardinality(String) CODEC(ZSTD(1)),
  exception_type  String ALIAS attr_str['exception.type'],
  attr_items      Array(UInt64) ALIAS arrayConcat(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_str), mapValues(attr_str)), arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_int), mapValues(attr_int))),
  INDEX item_index arrayConcat(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_str), mapValues(attr_str)), arrayMap((k, v) -> cityHash64(k, v), mapKeys(attr_int), mapValues(attr_int))) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX trace_index trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX time_index time TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY batch_id
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 20000, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, min_rows_for_wide_part = 1000000, min_bytes_for_wide_part = 1073741824, merge_selector_base = 12, min_parts_to_merge_at_once = 8;

-- Every batch all of whose rows can be read, where it came from, and the hashes of the requests in it (32 hex digits), by
-- which a writer knows those that come again. No view writes this: a view's rows may become visible before another
-- view's, and a reader that finds a batch here must find all of it. What the correlator still has to do is this minus
-- batch_progress.
CREATE TABLE IF NOT EXISTS batches (
  batch_id     UInt64 CODEC(Delta, ZSTD(1)),
  signal       LowCardinality(String),
  rows         UInt64,
  inserted_at  DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  time_min     DateTime64(9, 'UTC'),
  time_max     DateTime64(9, 'UTC'),
  topic        LowCardinality(String),
  partition    UInt32,
  offset_min   Int64,
  offset_max   Int64,
  requests     Array(FixedString(32)) CODEC(ZSTD(1)),
  INDEX inserted_index inserted_at TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (batch_id, signal) TTL toDateTime(inserted_at) + INTERVAL 90 DAY;

-- Where a trace is: the batches that hold its spans, which are ranges of the primary key of spans; and what it was. The
-- key is a hash of the trace id, half as long; whoever reads spans names the id as well. A trace that runs over midnight
-- has a row for each day: GROUP BY trace_hash.
CREATE TABLE IF NOT EXISTS traces (
  trace_hash  UInt64 CODEC(Delta, ZSTD(1)),
  day         Date CODEC(ZSTD(1)),
  start       SimpleAggregateFunction(min, DateTime('UTC')) CODEC(ZSTD(1)),
  last_start  SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
  spans       SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  errors      SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  services    SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
  revisions   SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
  batches     SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY day
ORDER BY (trace_hash, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 20000, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, index_granularity = 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS traces_of_spans TO traces AS
SELECT cityHash64(trace_id) AS trace_hash, toDate(start_time) AS day, toDateTime(min(start_time)) AS start, toDateTime(max(start_time)) AS last_start,
       count() AS spans, countIf(status_code = 'error') AS errors,
       groupUniqArray(service) AS services, groupUniqArray(revision) AS revisions, groupUniqArray(batch_id) AS batches
FROM spans GROUP BY trace_hash, day;

-- Every exception, from span events and from log records alike. One row per occurrence, as the SDK wrote it.
CREATE TABLE IF NOT EXISTS exceptions (
  batch_id     UInt64 CODEC(Delta, ZSTD(1)),
  time         DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  source       Enum8('span' = 1, 'log' = 2),
  trace_hex    String CODEC(ZSTD(1)),
  span_hex     String CODEC(ZSTD(1)),
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  repository   LowCardinality(String),
  operation    LowCardinality(String),
  type         LowCardinality(String),
  message      String CODEC(ZSTD(1)),
  stacktrace   String CODEC(ZSTD(1)),
  -- What the application itself says that tells its errors apart: firstfix.fingerprint, on the exception or on its span.
  fingerprint  String CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY toDate(time)
ORDER BY batch_id
TTL toDateTime(time) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 20000, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS exceptions_of_spans TO exceptions AS
SELECT batch_id, event.1 AS time, 'span' AS source, lower(hex(trace_id)) AS trace_hex, lower(hex(span_id)) AS span_hex,
       service, environment, revision, repository, name AS operation,
       JSONExtractString(event.3, 'exception.type') AS type,
       JSONExtractString(event.3, 'exception.message') AS message,
       JSONExtractString(event.3, 'exception.stacktrace') AS stacktrace,
       substring(if(JSONHas(event.3, 'firstfix.fingerprint'), JSONExtractString(event.3, 'firstfix.fingerprint'), own), 1, 200) AS fingerprint
FROM (
  SELECT batch_id, trace_id, span_id, service, environment, revision, repository, name, attr_str['firstfix.fingerprint'] AS own,
         arrayJoin(arrayFilter(e -> e.2 = 'exception', events)) AS event
  FROM spans WHERE notEmpty(events)
);

CREATE MATERIALIZED VIEW IF NOT EXISTS exceptions_of_logs TO exceptions AS
SELECT batch_id, time, 'log' AS source, if(trace_id = toFixedString('', 16), '', lower(hex(trace_id))) AS trace_hex,
       if(span_id = toFixedString('', 8), '', lower(hex(span_id))) AS span_hex,
       service, environment, revision, repository, '' AS operation,
       attr_str['exception.type'] AS type, attr_str['exception.message'] AS message, attr_str['exception.stacktrace'] AS stacktrace,
       substring(attr_str['firstfix.fingerprint'], 1, 200) AS fingerprint
FROM logs
WHERE mapContains(attr_str, 'exception.type') OR mapContains(attr_str, 'exception.stacktrace') OR mapContains(attr_str, 'exception.message');

-- Denominators of every rate: what ran, per minute. Operations are entry points: server and consumer spans, and roots.
CREATE TABLE IF NOT EXISTS exposure (
  minute       DateTime('UTC'),
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  operation    LowCardinality(String),
  repository   SimpleAggregateFunction(anyLast, String),
  first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen    SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  spans        SimpleAggregateFunction(sum, UInt64),
  entries      SimpleAggregateFunction(sum, UInt64),
  errors       SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (service, environment, revision, operation, minute)
TTL minute + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 20000, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS exposure_of_spans TO exposure AS
SELECT toStartOfMinute(start_time) AS minute, service, environment, revision, name AS operation,
       anyLast(repository) AS repository, toDateTime64(min(start_time), 3, 'UTC') AS first_seen, toDateTime64(max(start_time), 3, 'UTC') AS last_seen,
       count() AS spans,
       countIf(kind IN ('server', 'consumer') OR parent_span_id = toFixedString('', 8)) AS entries,
       countIf(status_code = 'error') AS errors
FROM spans GROUP BY minute, service, environment, revision, operation;

-- A deployment is the first time that a service runs a revision in an environment. Kept for good: a row each. It comes of
-- the few rows of a batch's exposure, not of all its spans.
CREATE TABLE IF NOT EXISTS deployments (
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  repository   SimpleAggregateFunction(anyLast, String),
  first_seen   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  last_seen    SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  spans        SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree ORDER BY (service, environment, revision)
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS deployments_of_exposure TO deployments AS
SELECT service, environment, revision, anyLast(e.repository) AS repository, min(e.first_seen) AS first_seen, max(e.last_seen) AS last_seen, sum(e.spans) AS spans
FROM exposure AS e WHERE revision != '' AND e.first_seen > toDateTime64(0, 3, 'UTC') GROUP BY service, environment, revision;
