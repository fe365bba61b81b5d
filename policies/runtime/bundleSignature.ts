/**
 * OPA's signature of a bundle: `.signatures.json` holds a JWT over the hash of every file, so `opa` verifies what is
 * signed here, and the other way round. https://www.openpolicyagent.org/docs/management-bundles#signing
 */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { CompactSign, compactVerify } from "jose";
import { z } from "zod";
import { PolicyError } from "./policyError.ts";
import type { BundleContents } from "./unpackBundle.ts";

/** ES256 alone: one key, one algorithm, nothing for a header to choose. */
const algorithm = "ES256";
const signaturesFile = ".signatures.json";

const signaturesSchema = z.object({ signatures: z.array(z.string()).length(1) });
const claimsSchema = z.object({
  files: z.array(z.object({ name: z.string(), hash: z.string(), algorithm: z.literal("SHA-256") })),
});

/** Throws BUNDLE_UNTRUSTED unless one of `keys` signed exactly these files. */
export async function verifyBundleSignature(
  contents: BundleContents,
  keys: readonly KeyObject[],
): Promise<void> {
  const file = contents.get(signaturesFile);
  if (!file) throw untrusted("expected a signed bundle, got one without .signatures.json");
  const [jwt = ""] = parse(signaturesSchema, file, "one signature").signatures;
  const claims = parse(claimsSchema, await verifyWithAny(jwt, keys), "the SHA-256 of each file");
  const signed = new Map(claims.files.map(({ name, hash }) => [name.replace(/^\//, ""), hash]));
  const names = [...contents.keys()].filter((name) => name !== signaturesFile);
  for (const name of names) {
    if (!signed.has(name)) throw untrusted(`${name} is in the bundle and not in its signature`);
    if (signed.get(name) !== hashFile(name, contents.get(name)))
      throw untrusted(`${name} is not what was signed`);
  }
  const missing = [...signed.keys()].find((name) => !contents.has(name));
  if (missing !== undefined) throw untrusted(`${missing} was signed and is not in the bundle`);
}

/** The same contents with a signature in place of any that was there. */
export async function signBundleContents(
  contents: BundleContents,
  privateKey: KeyObject,
): Promise<BundleContents> {
  const unsigned = [...contents].filter(([name]) => name !== signaturesFile);
  const files = unsigned.map(([name, content]) => ({
    name,
    hash: hashFile(name, content),
    algorithm: "SHA-256",
  }));
  const jwt = await new CompactSign(Buffer.from(JSON.stringify({ files })))
    .setProtectedHeader({ alg: algorithm, typ: "JWT" })
    .sign(privateKey);
  return new Map([...unsigned, [signaturesFile, Buffer.from(JSON.stringify({ signatures: [jwt] }))]]);
}

/** The body of a PEM public key: SPKI in base64 or base64url. Throws for anything but a key on P-256. */
export function parsePublicKey(text: string): KeyObject {
  const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new Error("expected an EC public key on P-256");
  return key;
}

async function verifyWithAny(jwt: string, keys: readonly KeyObject[]): Promise<Uint8Array> {
  for (const key of keys) {
    try {
      return (await compactVerify(jwt, key, { algorithms: [algorithm] })).payload;
    } catch {
      // Perhaps another key: while keys are changed, two are trusted.
    }
  }
  throw untrusted(`expected an ${algorithm} signature by one of ${keys.length} known keys`);
}

/** OPA hashes documents by what they say, so their spelling does not count; all else byte by byte. */
function hashFile(name: string, content: Uint8Array = Buffer.alloc(0)): string {
  const hash = createHash("sha256");
  if (!/(?:^|\/)(?:data\.json|\.manifest)$/.test(name)) return hash.update(content).digest("hex");
  return hash.update(toCanonicalJson(name, content)).digest("hex");
}

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/**
 * Members sorted by their names' bytes, no spaces, numbers as they are spelt. JSON.parse would lose the spelling, so
 * numbers are read as texts: an `n` tells them from other texts, which get an `s`.
 */
function toCanonicalJson(name: string, content: Uint8Array): string {
  const text = Buffer.from(content).toString("utf8");
  const marked = text.replace(token, (found) => (found[0] === '"' ? `"s${found.slice(1)}` : `"n${found}"`));
  return print(parseJson(name, Buffer.from(marked)));
}

function print(value: unknown): string {
  if (typeof value === "string") return value[0] === "n" ? value.slice(1) : printText(value.slice(1));
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${members.map(([name, member]) => `${print(name)}:${print(member)}`).join(",")}}`;
}

/** As Go's encoder, which escapes the two line separators of JavaScript. */
function printText(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function parseJson(name: string, content: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString("utf8"));
  } catch (cause) {
    throw untrusted(`${name} is not JSON`, cause);
  }
}

function parse<T>(schema: z.ZodType<T>, content: Uint8Array, expected: string): T {
  const parsed = schema.safeParse(parseJson(signaturesFile, content));
  if (!parsed.success) throw untrusted(`expected ${expected} in ${signaturesFile}`, parsed.error);
  return parsed.data;
}

function untrusted(message: string, cause?: unknown): PolicyError {
  return new PolicyError("BUNDLE_UNTRUSTED", message, { cause });
}
