-- Whoever keeps the folded journal current asks for entries after the newest that it knows, some times a second, and the
-- table is sorted by subject. By this index the engine passes over all granules whose entries are older; what remains
-- grows with the incidents that are active, not with the history.
ALTER TABLE journal ADD INDEX IF NOT EXISTS entry_index entry_id TYPE minmax GRANULARITY 1;
ALTER TABLE journal MATERIALIZE INDEX entry_index;
