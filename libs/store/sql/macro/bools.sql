CAST(arrayMap(kv -> (kv.key, kv.value.bool_value), arrayFilter(kv -> kv.value.value = 2, $1)), 'Map(LowCardinality(String), Bool)')
