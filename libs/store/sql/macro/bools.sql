CAST((arrayFilter((k, t) -> t = 2, $1.key, $1.value.value), arrayFilter((v, t) -> t = 2, $1.value.bool_value, $1.value.value)), 'Map(LowCardinality(String), Bool)')
