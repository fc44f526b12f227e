CAST(arrayMap(kv -> (kv.key, kv.value.double_value), arrayFilter(kv -> kv.value.value = 4, $1)), 'Map(LowCardinality(String), Float64)')
