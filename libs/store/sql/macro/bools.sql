CAST((arrayFilter((k, t) -> t = 2, keys, types), arrayFilter((v, t) -> t = 2, v.bool_value, types)), 'Map(LowCardinality(String), Bool)')
