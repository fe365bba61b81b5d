/** The key that signs policy bundles. The private half stays with whoever releases policies; gateways get the public one. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

/** On P-256, as a PEM file holds it. */
export function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** What `ATLAS_POLICY_KEYS` takes: the public half, SPKI in base64url. */
export function publicKeyOf(privateKey: KeyObject | string): string {
  const key = typeof privateKey === "string" ? createPrivateKey(privateKey) : privateKey;
  return createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64url");
}
