/** A certificate for tests, made when it is needed, so that no key lies in the repository. DER by hand (RFC 5280). */
import { createSign, generateKeyPairSync } from "node:crypto";

const sequence = (...parts: Buffer[]) => tag(0x30, ...parts);
const explicit = (number: number, ...parts: Buffer[]) => tag(0xa0 + number, ...parts);
const oid = (hex: string) => tag(0x06, Buffer.from(hex, "hex"));
const integer = (value: number) => tag(0x02, Buffer.from([value]));

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const commonName = oid("550403");
const subjectAltName = oid("551d11");

/** For an IPv4 address, valid from yesterday to tomorrow. */
export function selfSign(address: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(tag(0x31, sequence(commonName, tag(0x0c, Buffer.from("atlas-test")))));
  const day = 86_400_000;
  const validity = sequence(utcTime(Date.now() - day), utcTime(Date.now() + day));
  const names = sequence(tag(0x87, Buffer.from(address.split(".").map(Number))));
  const extensions = explicit(3, sequence(sequence(subjectAltName, tag(0x04, names))));
  const toBeSigned = sequence(
    explicit(0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = createSign("sha256").update(toBeSigned).sign(privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, tag(0x03, Buffer.from([0]), signature));
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function tag(type: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const prefix = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...prefix]), content]);
}

function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tag(0x17, Buffer.from(`${digits}Z`));
}
