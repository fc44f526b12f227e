CAST((arrayFilter((k, t) -> t = 3, $1.key, $1.value.value), arrayFilter((v, t) -> t = 3, $1.value.int_value, $1.value.value)), 'Map(LowCardinality(String), Int64)')
