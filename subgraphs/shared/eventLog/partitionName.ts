/** `topic/partition`, a key for maps and a name for people. */
export function partitionName({
  topic,
  partition,
}: {
  readonly topic: string;
  readonly partition: number;
}): string {
  return `${topic}/${partition}`;
}

export function nextOffset(offset: string): string {
  return String(BigInt(offset) + 1n);
}
