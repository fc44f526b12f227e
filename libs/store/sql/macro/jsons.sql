CAST((arrayFilter((k, t) -> t = 1001, keys, types), arrayFilter((v, t) -> t = 1001, v.json_value, types)), 'Map(LowCardinality(String), String)')
