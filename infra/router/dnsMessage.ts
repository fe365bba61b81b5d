/** As much of DNS messages as a server of one small zone needs (RFC 1035 §4; SRV: RFC 2782). */

export const types = { A: 1, CNAME: 5, SRV: 33, ANY: 255 } as const;
export const codes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export type Question = { readonly name: string; readonly type: number; readonly class: number };
export type Query = {
  readonly id: number;
  readonly opcode: number;
  readonly recursionDesired: boolean;
  readonly question: Question;
};

export type DnsRecord = { readonly name: string; readonly ttlS: number } & (
  | { readonly type: "A"; readonly address: string }
  | { readonly type: "CNAME"; readonly target: string }
  | { readonly type: "SRV"; readonly target: string; readonly port: number; readonly priority: number }
);

export type Reply = { readonly code: number; readonly records: readonly DnsRecord[] };

/** Null when it is no query with one question; then nothing sensible can be answered. */
export function readQuery(message: Buffer): Query | null {
  if (message.length < 12) return null;
  const flags = message.readUInt16BE(2);
  const isReply = (flags & 0x8000) !== 0;
  if (isReply || message.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = message[at];
    // A question has nothing before it that it could point back to, so a pointer is a fault.
    if (length === undefined || length > 63) return null;
    at += 1;
    if (length === 0) break;
    if (at + length >= message.length || at + length - 12 > 255) return null;
    labels.push(message.toString("latin1", at, at + length).toLowerCase());
    at += length;
  }
  if (at + 4 > message.length) return null;
  return {
    id: message.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    recursionDesired: (flags & 0x0100) !== 0,
    question: {
      name: labels.join("."),
      type: message.readUInt16BE(at),
      class: message.readUInt16BE(at + 2),
    },
  };
}

export function writeReply({ id, recursionDesired, question }: Query, { code, records }: Reply): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  // A reply, authoritative.
  head.writeUInt16BE(0x8400 | (recursionDesired ? 0x0100 : 0) | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  const asked = Buffer.concat([writeName(question.name), numbers(question.type, question.class)]);
  return Buffer.concat([head, asked, ...records.map(writeRecord)]);
}

function writeRecord(record: DnsRecord): Buffer {
  const content = writeContent(record);
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(record.ttlS);
  return Buffer.concat([
    writeName(record.name),
    numbers(types[record.type], 1),
    ttl,
    numbers(content.length),
    content,
  ]);
}

function writeContent(record: DnsRecord): Buffer {
  switch (record.type) {
    case "A":
      return Buffer.from(record.address.split(".").map(Number));
    case "CNAME":
      return writeName(record.target);
    case "SRV":
      return Buffer.concat([numbers(record.priority, 0, record.port), writeName(record.target)]);
  }
}

function writeName(name: string): Buffer {
  const labels = name === "" ? [] : name.split(".");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")])),
    Buffer.from([0]),
  ]);
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2);
  return buffer;
}
