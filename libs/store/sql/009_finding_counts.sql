-- How often each error group and check failed, per day, for lists of incidents: counting the rows themselves takes the
-- longer the more there are. A batch that is worked twice writes equal rows, so ids are counted and not rows: exactly
-- up to some thousands, within about one percent beyond.
CREATE TABLE IF NOT EXISTS finding_counts (
  kind         LowCardinality(String),
  key          LowCardinality(String),
  fingerprint  String,
  service      LowCardinality(String),
  environment  LowCardinality(String),
  day          Date,
  occurrences  AggregateFunction(uniqCombined(14), String)
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (kind, key, environment, service, fingerprint, day)
TTL day + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS finding_counts_of_errors TO finding_counts AS
SELECT 'error' AS kind, group_id AS key, fingerprint, service, environment, toDate(time) AS day, uniqCombinedState(14)(error_id) AS occurrences
FROM errors GROUP BY key, fingerprint, service, environment, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS finding_counts_of_violations TO finding_counts AS
SELECT 'violation' AS kind, check_key AS key, '' AS fingerprint, service, environment, toDate(time) AS day, uniqCombinedState(14)(violation_id) AS occurrences
FROM violations GROUP BY key, service, environment, day;
