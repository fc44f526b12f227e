-- Records that cannot be stored, whole, with the reason: listed, shown, replayed and dropped by `firstfix dlq`.
-- A sender that waited for an answer got an error; the others (Kafka) are told by nobody but this.
CREATE TABLE IF NOT EXISTS dead_letters (
  id           String,
  at           DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'),
  topic        LowCardinality(String),
  partition    UInt32,
  offset       Int64,
  signal       LowCardinality(String),
  key          String,
  reason       String,
  body         String CODEC(ZSTD(1)),
  replayed_at  Nullable(DateTime64(3, 'UTC')),
  dropped      Bool
) ENGINE = ReplacingMergeTree ORDER BY id TTL toDateTime(at) + INTERVAL 30 DAY;
