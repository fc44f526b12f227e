CAST((arrayFilter((k, t) -> t = 4, keys, types), arrayFilter((v, t) -> t = 4, v.double_value, types)), 'Map(LowCardinality(String), Float64)')
