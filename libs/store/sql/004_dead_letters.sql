-- Records that the engine refused, with its reason. The sender got an error; the row is for whoever looks into it.
-- body is base64 and bounded; bytes says how long the record was.
CREATE TABLE IF NOT EXISTS dead_letters (
  at      DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  topic   LowCardinality(String),
  reason  String,
  bytes   UInt64,
  body    String CODEC(ZSTD(1))
) ENGINE = MergeTree ORDER BY at TTL toDateTime(at) + INTERVAL 30 DAY;
