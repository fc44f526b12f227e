-- What tells errors of one group apart: a person can split by it (libs/incident/src/grouping). "" in rows of before.
ALTER TABLE errors ADD COLUMN IF NOT EXISTS fingerprint String CODEC(ZSTD(1)) AFTER group_id;

-- Which group a hash of an error led to. The first that claimed a hash keeps it: `rank` falls with time, and the highest
-- version stays. Read with FINAL.
CREATE TABLE IF NOT EXISTS group_hashes (
  hash      String,
  group_id  String,
  rank      UInt64
) ENGINE = ReplacingMergeTree(rank) ORDER BY hash;

-- The fingerprint that the application itself gave (firstfix.fingerprint), on the exception or on its span.
ALTER TABLE exceptions ADD COLUMN IF NOT EXISTS fingerprint String CODEC(ZSTD(1));

ALTER TABLE exceptions_of_spans MODIFY QUERY
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

ALTER TABLE exceptions_of_logs MODIFY QUERY
SELECT batch_id, time, 'log' AS source, if(trace_id = toFixedString('', 16), '', lower(hex(trace_id))) AS trace_hex,
       if(span_id = toFixedString('', 8), '', lower(hex(span_id))) AS span_hex,
       service, environment, revision, repository, '' AS operation,
       attr_str['exception.type'] AS type, attr_str['exception.message'] AS message, attr_str['exception.stacktrace'] AS stacktrace,
       substring(attr_str['firstfix.fingerprint'], 1, 200) AS fingerprint
FROM logs
WHERE mapContains(attr_str, 'exception.type') OR mapContains(attr_str, 'exception.stacktrace') OR mapContains(attr_str, 'exception.message');
