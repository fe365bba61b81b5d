/** Takes an OPA bundle (a gzipped tar) apart, and puts one together, in memory. */
import { posix } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Header, Parser } from "tar";
import { PolicyError } from "./policyError.ts";

/** Contents by path, without a leading slash. */
export type BundleContents = ReadonlyMap<string, Buffer>;

/** Unpacked size that a bundle may have; the module alone is about 150 KB. */
const unpackedBytesMax = 32 * 1024 * 1024;

/** Throws BUNDLE_INVALID unless it is whole and has each path once: of two, a signature could mean either. */
export async function unpackBundle(packed: Uint8Array): Promise<BundleContents> {
  const files = new Map<string, Buffer>();
  let unpackedBytes = 0;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new PolicyError("BUNDLE_INVALID", "the bundle is not a whole gzipped tar", { cause }));
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        const chunks: Buffer[] = [];
        const path = posix.normalize(entry.path).replace(/^\/+/, "");
        if (files.has(path)) parser.abort(new Error(`expected each path once, got ${path} again`));
        entry.on("data", (chunk) => {
          unpackedBytes += chunk.byteLength;
          if (unpackedBytes > unpackedBytesMax)
            parser.abort(new Error(`expected at most ${unpackedBytesMax} bytes unpacked`));
          else chunks.push(Buffer.from(chunk));
        });
        entry.on("end", () => {
          if (entry.type === "File" || entry.type === "OldFile") files.set(path, Buffer.concat(chunks));
        });
      },
    });
    parser.on("error", fail);
    parser.on("end", () => resolve(files));
    parser.end(Buffer.from(packed));
  });
}

const blockBytes = 512;

/** Paths begin with a slash, as `opa build` writes them. */
export async function packBundle(contents: BundleContents): Promise<Buffer> {
  const blocks = [...contents].flatMap(([path, content]) => {
    const header = new Header({
      path: `/${path}`,
      mode: 0o600,
      size: content.byteLength,
      type: "File",
      mtime: new Date(0),
    });
    header.encode();
    const padding = Buffer.alloc((blockBytes - (content.byteLength % blockBytes)) % blockBytes);
    return [header.block ?? Buffer.alloc(blockBytes), content, padding];
  });
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]));
}
