-- Source maps that somebody uploaded, by what was deployed. `file` is the generated file as a stack names it, or its end:
-- `/static/main.js`. The map is JSON without sourcesContent. Uploaded again it replaces itself: read with FINAL.
CREATE TABLE IF NOT EXISTS source_maps (
  service   LowCardinality(String),
  revision  String,
  file      String,
  debug_id  String,
  bytes     UInt64,
  at        DateTime64(3, 'UTC'),
  map       String CODEC(ZSTD(3)),
  version   UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (service, revision, file)
TTL toDateTime(at) + INTERVAL 400 DAY
SETTINGS index_granularity = 8;
