/**
 * The bytes of an update: 32-bit floats, little-endian, in the order of the manifest, deflated (RFC 1951) when that was
 * said. Sizes are judged before anything is unpacked or parsed, so a zip bomb costs no more than an honest update.
 */
import { constants, inflateRawSync } from "node:zlib";
import { fromBytes, type Manifest, sizeOf } from "../models/parameters.ts";
import { UpdateRefused } from "./refusal.ts";

export type UpdateEncoding = "FLOAT32" | "FLOAT32_DEFLATE";

/** Deflate may lengthen what it cannot shorten: 5 bytes for each 16 KiB block. */
const deflateOverhead = 1.01;

/** Throws UpdateRefused: TOO_LARGE, UNDECODABLE or WRONG_SHAPE. */
export function decodeUpdate(
  payload: Uint8Array,
  encoding: UpdateEncoding,
  manifest: Manifest,
): Float32Array {
  const expected = sizeOf(manifest) * 4;
  const most = encoding === "FLOAT32" ? expected : Math.ceil(expected * deflateOverhead) + 64;
  if (payload.byteLength > most)
    throw new UpdateRefused("TOO_LARGE", `expected at most ${most} bytes, came ${payload.byteLength}`);
  const bytes = encoding === "FLOAT32" ? payload : inflate(payload, expected);
  if (bytes.byteLength !== expected)
    throw new UpdateRefused(
      "WRONG_SHAPE",
      `expected ${expected} bytes for ${sizeOf(manifest)} parameters, came ${bytes.byteLength}`,
    );
  return fromBytes(bytes);
}

function inflate(payload: Uint8Array, expected: number): Uint8Array {
  try {
    // One byte more than expected, so that too much is told from exactly enough.
    return inflateRawSync(payload, {
      maxOutputLength: expected + 1,
      finishFlush: constants.Z_FINISH,
    });
  } catch (cause) {
    throw isErrorWithCode(cause) && cause.code === "ERR_BUFFER_TOO_LARGE"
      ? new UpdateRefused("TOO_LARGE", `expected ${expected} bytes once inflated, came more`)
      : new UpdateRefused("UNDECODABLE", "expected a whole deflate stream (RFC 1951), came something else");
  }
}

function isErrorWithCode(thrown: unknown): thrown is { readonly code: unknown } {
  return typeof thrown === "object" && thrown !== null && "code" in thrown;
}
