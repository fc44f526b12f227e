concat('{', arrayStringConcat(arrayMap(kv -> concat(toJSONString(kv.key), ':', {{json kv.value}}), arrayFilter(kv -> kv.value.value != 0, $1)), ','), '}')
