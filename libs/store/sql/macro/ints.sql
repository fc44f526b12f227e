CAST(arrayMap(kv -> (kv.key, kv.value.int_value), arrayFilter(kv -> kv.value.value = 3, $1)), 'Map(LowCardinality(String), Int64)')
