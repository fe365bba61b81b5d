/** A message as one byte string: for each part length and text of its name, length and bytes; lengths are 32-bit, little-endian. */
import { type Message, SecureSumError } from "./secureSum.ts";

export function packMessage(message: Message): Uint8Array {
  return Buffer.concat(
    Object.entries(message).flatMap(([name, part]) => [...pack(Buffer.from(name)), ...pack(part)]),
  );
}

/** Throws SecureSumError CORRUPT_MESSAGE for bytes that end within a part. */
export function unpackMessage(bytes: Uint8Array): Message {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > content.length)
      throw new SecureSumError(
        "CORRUPT_MESSAGE",
        `expected ${length} bytes at ${at}, came ${content.length - at}`,
      );
    at += length;
    return content.subarray(at - length, at);
  };
  const takePart = (): Buffer => take(take(4).readUInt32LE());
  const parts: [string, Uint8Array][] = [];
  while (at < content.length) parts.push([takePart().toString("utf8"), takePart()]);
  return Object.fromEntries(parts);
}

function pack(bytes: Uint8Array): readonly Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  return [length, bytes];
}
