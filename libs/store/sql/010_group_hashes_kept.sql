-- Claims grow old like the errors that made them; the rank tells when a hash was claimed (see GroupHashes of the
-- correlator). A group's first hash is the group's own id, so that one leads to the same group for ever.
ALTER TABLE group_hashes MODIFY TTL toDateTime(intDiv(toUInt64(9000000000000000000) - rank, 1000)) + INTERVAL 400 DAY;
