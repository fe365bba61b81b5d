/**
 * The one file in a ZIP archive (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), as GDELT packs each of its
 * files. The directory at the end says where it stands; its checksum is compared.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { ImportError } from "../importError.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const commentLengthMax = 65_535;

/** Throws FILE_FORMAT when it is no such archive, FILE_TOO_LARGE, and FILE_BROKEN when its content is damaged. */
export function unzipOne(archive: Buffer, bytesMax: number): Buffer {
  const end = findEnd(archive);
  const entries = archive.readUInt16LE(end + 10);
  if (entries !== 1)
    throw new ImportError("FILE_FORMAT", `expected a ZIP archive of one file; it has ${entries}`);
  const entry = archive.readUInt32LE(end + 16);
  assertSignature(archive, entry, 46, entrySignature);
  const method = archive.readUInt16LE(entry + 10);
  const checksum = archive.readUInt32LE(entry + 16);
  const packedLength = archive.readUInt32LE(entry + 20);
  const length = archive.readUInt32LE(entry + 24);
  if (length > bytesMax) {
    throw new ImportError("FILE_TOO_LARGE", `expected at most ${bytesMax} bytes; the archive says ${length}`);
  }
  const local = archive.readUInt32LE(entry + 42);
  assertSignature(archive, local, 30, localSignature);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const content = unpack(archive.subarray(start, start + packedLength), method, bytesMax);
  if (content.length === length && crc32(content) === checksum) return content;
  throw new ImportError(
    "FILE_BROKEN",
    "expected the content that the ZIP archive has a checksum of; got another",
  );
}

function findEnd(archive: Buffer): number {
  const first = Math.max(0, archive.length - endLength - commentLengthMax);
  for (let at = archive.length - endLength; at >= first; at -= 1) {
    if (archive.readUInt32LE(at) === endSignature) return at;
  }
  throw new ImportError("FILE_FORMAT", "expected a ZIP archive; its directory is not there");
}

function assertSignature(archive: Buffer, at: number, length: number, signature: number): void {
  if (at + length <= archive.length && archive.readUInt32LE(at) === signature) return;
  throw new ImportError("FILE_BROKEN", "the directory of the ZIP archive points to where nothing is");
}

/** At most `bytesMax` whatever the directory says: it may lie. */
function unpack(packed: Buffer, method: number, bytesMax: number): Buffer {
  if (method === 0) return packed;
  if (method !== 8) {
    throw new ImportError("FILE_FORMAT", `expected a file that is stored or deflated; got method ${method}`);
  }
  try {
    return inflateRawSync(packed, { maxOutputLength: bytesMax });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ImportError("FILE_BROKEN", `the ZIP archive cannot be unpacked: ${said}`, { cause });
  }
}
