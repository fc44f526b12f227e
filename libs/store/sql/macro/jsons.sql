CAST(arrayMap(kv -> (kv.key, kv.value.json_value), arrayFilter(kv -> kv.value.value = 1001, $1)), 'Map(LowCardinality(String), String)')
