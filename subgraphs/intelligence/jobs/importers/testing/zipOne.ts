/** Packs one file as GDELT does. What is said of it can be made to lie. */
import { crc32, deflateRawSync } from "node:zlib";

type Lies = {
  readonly method?: 0 | 8;
  readonly packed?: Buffer;
  readonly checksum?: number;
  readonly length?: number;
};

export function zipOne(name: string, content: Buffer, lies: Lies = {}): Buffer {
  const { method = 8, checksum = crc32(content), length = content.length } = lies;
  const { packed = method === 8 ? deflateRawSync(content) : content } = lies;
  const facts = Buffer.alloc(16);
  facts.writeUInt32LE(checksum, 0);
  facts.writeUInt32LE(packed.length, 4);
  facts.writeUInt32LE(length, 8);
  facts.writeUInt16LE(Buffer.byteLength(name), 12);
  const version = Buffer.from([20, 0, 0, 0, method, 0, 0, 0, 0, 0]);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), version, facts, Buffer.from(name), packed]);
  const rest = Buffer.alloc(14);
  const entry = Buffer.concat([
    Buffer.from("PK\x01\x02"),
    Buffer.from([20, 0]),
    version,
    facts,
    rest,
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}
