/** Takes an OPA bundle (a gzipped tar) apart, in memory. */
import { createHash } from "node:crypto";
import { Parser } from "tar";
import { z } from "zod";
import { PolicyError } from "./policyError.ts";

export type BundleFiles = {
  /** SHA-256 of the file as read, hexadecimal: what decisions are cached and logged by. */
  readonly digest: string;
  /** What the author of the bundle called this state of it; empty when nothing. */
  readonly revision: string;
  readonly wasm: Uint8Array;
  /** Names such as `atlas/access/fields/decisions`. */
  readonly entrypoints: readonly string[];
  readonly data: Readonly<Record<string, unknown>>;
};

const manifestSchema = z.object({
  revision: z.string().default(""),
  wasm: z.array(z.object({ entrypoint: z.string(), module: z.literal("/policy.wasm") })).min(1),
});
const dataSchema = z.record(z.string(), z.unknown());

/** Unpacked size that a bundle may have; the module alone is about 150 KB. */
const unpackedBytesMax = 32 * 1024 * 1024;

/** Throws BUNDLE_INVALID, saying what was expected, for anything but a whole bundle. */
export async function readBundle(packed: Uint8Array): Promise<BundleFiles> {
  const files = await unpack(packed);
  const wasm = files.get("policy.wasm");
  if (!wasm)
    throw new PolicyError("BUNDLE_INVALID", "the bundle holds no policy.wasm: build it with -t wasm");
  const manifest = parseFile(files, ".manifest", manifestSchema);
  return {
    digest: createHash("sha256").update(packed).digest("hex"),
    revision: manifest.revision,
    wasm,
    entrypoints: manifest.wasm.map(({ entrypoint }) => entrypoint),
    data: parseFile(files, "data.json", dataSchema),
  };
}

async function unpack(packed: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  let unpackedBytes = 0;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(new PolicyError("BUNDLE_INVALID", "the bundle is not a whole gzipped tar", { cause }));
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        const chunks: Buffer[] = [];
        entry.on("data", (chunk) => {
          unpackedBytes += chunk.byteLength;
          if (unpackedBytes > unpackedBytesMax)
            parser.abort(new Error(`expected at most ${unpackedBytesMax} bytes unpacked`));
          else chunks.push(Buffer.from(chunk));
        });
        entry.on("end", () => files.set(entry.path.replace(/^\//, ""), Buffer.concat(chunks)));
      },
    });
    parser.on("error", fail);
    parser.on("end", () => resolve(files));
    parser.end(Buffer.from(packed));
  });
}

function parseFile<T>(files: ReadonlyMap<string, Buffer>, name: string, schema: z.ZodType<T>): T {
  const file = files.get(name);
  if (!file) throw new PolicyError("BUNDLE_INVALID", `the bundle holds no ${name}`);
  try {
    return schema.parse(JSON.parse(file.toString("utf8")));
  } catch (cause) {
    throw new PolicyError("BUNDLE_INVALID", `${name} is not what a bundle has there`, { cause });
  }
}
