CAST((arrayFilter((k, t) -> t = 1001, $1.key, $1.value.value), arrayFilter((v, t) -> t = 1001, $1.value.json_value, $1.value.value)), 'Map(LowCardinality(String), String)')
