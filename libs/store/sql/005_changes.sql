-- One commit of a repository, with who wrote it by the evidence in the repository. Written by the backfill and when a
-- deployment brings the commit; written again it replaces itself: read with FINAL. Kept for good.
-- `lines` are the added lines by author: (authorship, agent, model, count); together they are lines_added. Lines of
-- generated, vendored, minified and lock files, of links and of submodules are no written lines and are not counted;
-- `files`, `paths` and `teams` are of all files. A merge has neither lines nor files: what it merged is counted.
-- Which files are generated and which team owns them is as the revision says with which the commit was recorded.
CREATE TABLE IF NOT EXISTS changes (
  repository    LowCardinality(String),
  commit        String,
  parents       Array(String),
  authored_at   DateTime64(3, 'UTC'),
  committed_at  DateTime64(3, 'UTC'),
  author_name   String CODEC(ZSTD(1)),
  subject       String CODEC(ZSTD(1)),
  merge         Bool,
  authorship    LowCardinality(String),
  agent         LowCardinality(String),
  model         LowCardinality(String),
  channel       LowCardinality(String),
  confidence    Float32,
  -- Whether weaker evidence says something else than the evidence that decided.
  conflict      Bool,
  -- JSON, bounded: as in the journal's suspects.
  evidence      String CODEC(ZSTD(3)),
  files         UInt32,
  lines_added   UInt32,
  lines_deleted UInt32,
  lines         Array(Tuple(authorship String, agent String, model String, count UInt32)),
  -- Bounded: the first 500 in order of the diff.
  paths         Array(String) CODEC(ZSTD(3)),
  teams         Array(LowCardinality(String)),
  -- Blob of the note (refs/notes/ai) that was read; "" where there was none. Another one later means: look again.
  note          String,
  version       UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (repository, commit);

-- Which commits a deployment brought: those that its history has and the deployment's before it had not. `previous` is
-- that deployment's revision; "" where there was none, and then only the revision itself is listed.
-- `bound`: whether a requirement with a binding names a file that the commit changes.
CREATE TABLE IF NOT EXISTS deployed_changes (
  repository   LowCardinality(String),
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     String,
  previous     String,
  commit       String,
  deployed_at  DateTime64(3, 'UTC'),
  bound        Bool,
  version      UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (repository, service, environment, revision, commit);

-- How a deployment stands to the one before it, written when all its deployed_changes are: a deployment without a row
-- here has not been looked at yet (or its repository cannot be read). `relation`: `first` (nothing before it),
-- `forward`, `rollback` (the one before holds it: it brings nothing), `diverged` (each has what the other has not),
-- `unrelated` (no common history: only the revision itself is listed).
-- `commits` is how many it brought; where the bound was reached (`capped`), only the newest of them.
CREATE TABLE IF NOT EXISTS deployed_revisions (
  repository   LowCardinality(String),
  service      LowCardinality(String),
  environment  LowCardinality(String),
  revision     String,
  previous     String,
  relation     LowCardinality(String),
  commits      UInt32,
  capped       Bool,
  deployed_at  DateTime64(3, 'UTC'),
  version      UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (repository, service, environment, revision);

-- Who wrote the lines that a revision holds, by blame of every text file: a row per file and author. A file that holds
-- no written lines (empty, binary, too large, generated or vendored) has one row of 0 lines: it was looked at.
CREATE TABLE IF NOT EXISTS line_shares (
  repository  LowCardinality(String),
  revision    String,
  path        String CODEC(ZSTD(1)),
  authorship  LowCardinality(String),
  agent       LowCardinality(String),
  model       LowCardinality(String),
  teams       Array(LowCardinality(String)),
  at          DateTime64(3, 'UTC'),
  lines       UInt32,
  version     UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (repository, revision, path, authorship, agent, model);

-- How far the backfill of a repository's history has come. `what` is `changes` or `lines`; finished is done = total.
CREATE TABLE IF NOT EXISTS backfills (
  repository  LowCardinality(String),
  revision    String,
  what        LowCardinality(String),
  total       UInt64,
  done        UInt64,
  at          DateTime64(3, 'UTC'),
  version     UInt64
) ENGINE = ReplacingMergeTree(version) ORDER BY (repository, revision, what);
