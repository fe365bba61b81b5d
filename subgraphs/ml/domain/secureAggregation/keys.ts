/** Keys that two participants agree on without anybody else: X25519 (RFC 7748) and HKDF-SHA256 (RFC 5869). */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { SecureSumError } from "./secureSum.ts";

export type KeyPair = {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly privateKey: Uint8Array;
};

export function createKeyPair(): KeyPair {
  const { d, x } = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" });
  return { publicKey: fromBase64(x), privateKey: fromBase64(d) };
}

/** 32 bytes that only the two have; `use` tells keys of different purposes apart. */
export function agree(own: KeyPair, otherPublicKey: Uint8Array, use: string): Uint8Array {
  const secret = diffieHellman({ privateKey: toPrivate(own), publicKey: toPublic(otherPublicKey) });
  return new Uint8Array(hkdfSync("sha256", secret, "", use, 32));
}

/** AES-256-GCM: 12 bytes nonce, ciphertext, 16 bytes tag. `context` is authenticated, not sent. */
export function seal(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws a SecureSumError when a bit is not as it was sealed, or it was sealed for another context. */
export function open(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  const end = sealed.length - 16;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(12, end)), decipher.final()]);
  } catch (cause) {
    throw new SecureSumError("CORRUPT_MESSAGE", `expected a message sealed for ${context}, came another`, {
      cause,
    });
  }
}

/** 4 · length bytes of AES-256-CTR key stream as 32-bit numbers: uniform in the ring. */
export function expandMask(seed: Uint8Array, length: number): Uint32Array {
  // The counter starts at 0: a seed is used for one mask only.
  const stream = createCipheriv("aes-256-ctr", seed, Buffer.alloc(16)).update(Buffer.alloc(length * 4));
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  return Uint32Array.from({ length }, (_, at) => view.getUint32(at * 4, true));
}

function toPrivate({ publicKey, privateKey }: KeyPair): KeyObject {
  const key = { kty: "OKP", crv: "X25519", x: toBase64(publicKey), d: toBase64(privateKey) };
  return createPrivateKey({ key, format: "jwk" });
}

function toPublic(bytes: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "X25519", x: toBase64(bytes) }, format: "jwk" });
  } catch (cause) {
    throw new SecureSumError("CORRUPT_MESSAGE", `expected an X25519 public key, came ${bytes.length} bytes`, {
      cause,
    });
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function fromBase64(text: string | undefined): Uint8Array {
  if (text === undefined) throw new TypeError("expected a key with all its parts");
  return new Uint8Array(Buffer.from(text, "base64url"));
}
