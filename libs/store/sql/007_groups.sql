-- What tells errors of one group apart: a person can split by it (libs/incident/src/grouping). "" in rows of before.
ALTER TABLE errors ADD COLUMN IF NOT EXISTS fingerprint String CODEC(ZSTD(1)) AFTER group_id;

-- Which group a hash of an error led to. The first that claimed a hash keeps it: `rank` falls with time, and the highest
-- version stays. Read with FINAL.
CREATE TABLE IF NOT EXISTS group_hashes (
  hash      String,
  group_id  String,
  rank      UInt64
) ENGINE = ReplacingMergeTree(rank) ORDER BY hash;
