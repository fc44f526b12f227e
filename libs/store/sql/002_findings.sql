-- What the correlator has done with a batch. One row per stage and batch; absence means still to do.
-- Kept longer than the batches themselves, so that none seems to be still to do again.
CREATE TABLE IF NOT EXISTS batch_progress (
  stage     LowCardinality(String),
  batch_id  UInt64,
  done_at   DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  INDEX done_index done_at TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (stage, batch_id) TTL toDateTime(done_at) + INTERVAL 120 DAY;

-- An exception with its group. error_id is stable (a hash of trace, span, type, message and time), so a batch that is
-- worked twice writes the same rows: read with FINAL.
CREATE TABLE IF NOT EXISTS errors (
  error_id     String,
  group_id     LowCardinality(String),
  time         DateTime64(9, 'UTC'),
  trace_hex    String,
  span_hex     String,
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  repository   LowCardinality(String),
  operation    LowCardinality(String),
  type         LowCardinality(String),
  message      String CODEC(ZSTD(1)),
  stacktrace   String CODEC(ZSTD(1)),
  -- The innermost in-app frame, "" and 0 where there is none.
  file         LowCardinality(String),
  function     LowCardinality(String),
  line         UInt32
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (group_id, environment, time, error_id)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

-- How often each check was evaluated and violated, per minute of the witnessing span.
CREATE TABLE IF NOT EXISTS check_exposure (
  batch_id     UInt64,
  minute       DateTime('UTC'),
  check_key    LowCardinality(String),
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  evaluated    UInt64,
  violated     UInt64,
  inconclusive UInt64
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (check_key, service, environment, revision, minute, batch_id)
TTL minute + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

-- One violation of a check with its witness. Rewritten rows are equal: read with FINAL.
CREATE TABLE IF NOT EXISTS violations (
  violation_id String,
  check_key    LowCardinality(String),
  spec_blob    LowCardinality(String),
  time         DateTime64(9, 'UTC'),
  trace_hex    String,
  span_hex     String,
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     LowCardinality(String),
  repository   LowCardinality(String),
  operation    LowCardinality(String),
  subject      String,
  detail       String
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (check_key, environment, time, violation_id)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;
