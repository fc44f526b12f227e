CAST((arrayFilter((k, t) -> t = 3, keys, types), arrayFilter((v, t) -> t = 3, v.int_value, types)), 'Map(LowCardinality(String), Int64)')
