/**
 * Which partition a key belongs to: the same as Kafka's Java client and kafkajs say, so that both logs order alike.
 * MurmurHash2 of 32 bits with Kafka's seed (org.apache.kafka.common.utils.Utils.murmur2).
 */
export function partitionOf(key: Buffer, numPartitions: number): number {
  return (murmur2(key) & 0x7fffffff) % numPartitions;
}

export function murmur2(data: Buffer): number {
  const whole = data.length & ~3;
  let hash = 0x9747b28c ^ data.length;
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(data.readInt32LE(at), multiplier);
    hash = Math.imul(hash, multiplier) ^ Math.imul(word ^ (word >>> 24), multiplier);
  }
  if (whole < data.length) {
    for (let at = whole; at < data.length; at += 1) hash ^= data.readUInt8(at) << (8 * (at - whole));
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

const multiplier = 0x5bd1e995;
