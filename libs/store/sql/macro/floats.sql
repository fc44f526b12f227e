CAST((arrayFilter((k, t) -> t = 4, $1.key, $1.value.value), arrayFilter((v, t) -> t = 4, $1.value.double_value, $1.value.value)), 'Map(LowCardinality(String), Float64)')
