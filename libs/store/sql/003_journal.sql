-- Every decision, once, never changed. The current state of an incident is a fold over its rows (libs/incident).
-- entry_id sorts by time of writing and names the decision: writing it twice changes nothing (read with FINAL).
CREATE TABLE IF NOT EXISTS journal (
  entry_id  String,
  at        DateTime64(3, 'UTC'),
  kind      LowCardinality(String),
  subject   String,
  actor     LowCardinality(String),
  data      String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree ORDER BY (subject, entry_id);
