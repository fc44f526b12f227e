/** CRC-32C (Castagnoli), which Kafka asks for over every batch; eight bytes a turn. */
export function crc32c(bytes: Uint8Array): number {
  const length = bytes.byteLength;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  let crc = ~0;
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    crc = (t7[low & 0xff] as number) ^ (t6[(low >>> 8) & 0xff] as number) ^ (t5[(low >>> 16) & 0xff] as number) ^ (t4[low >>> 24] as number)
      ^ (t3[high & 0xff] as number) ^ (t2[(high >>> 8) & 0xff] as number) ^ (t1[(high >>> 16) & 0xff] as number) ^ (t0[high >>> 24] as number);
  }
  for (; at < length; at += 1) crc = (t0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8);
  return ~crc >>> 0;
}

type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

/** Table n holds the remainder of a byte that n zero bytes follow. */
const TABLES = tables();

function tables(): Tables {
  const all = Array.from({ length: 8 }, () => new Int32Array(256)) as unknown as Tables;
  const [first] = all;
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
    first[byte] = crc;
  }
  for (let n = 1; n < 8; n += 1) {
    const [before, table] = [all[n - 1] as Int32Array, all[n] as Int32Array];
    for (let byte = 0; byte < 256; byte += 1) table[byte] = (first[(before[byte] as number) & 0xff] as number) ^ ((before[byte] as number) >>> 8);
  }
  return all;
}
