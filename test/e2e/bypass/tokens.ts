/** Tokens that a gateway must not believe, each made from what an attacker may have: a good token, and the public key. */
import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import { decodeJwt, type JWK, SignJWT } from "jose";
import type { TestIssuer } from "../../support/startTestIssuer.ts";

export type ForgedToken = { readonly name: string; readonly token: string };

export async function forgeTokens(issuer: TestIssuer): Promise<readonly ForgedToken[]> {
  const good = await issuer.tokenFor();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const claims = decodeJwt(good);
  const raised = encode({ ...claims, clearance: "red", roles: ["administrator", "compliance_officer"] });
  const jwk = await readPublicKey(issuer);
  const pem = createPublicKey({ key: { ...jwk }, format: "jwk" }).export({ type: "spki", format: "pem" });
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const now = Math.floor(Date.now() / 1_000);
  const unsigned = (alg: string, old = "") => `${encode({ alg, kid: "test" })}.${raised}.${old}`;
  const keyed = (secret: string | Buffer) => {
    const content = `${encode({ alg: "HS256", kid: "test" })}.${raised}`;
    return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
  };
  const ownSigned = (headers: object) =>
    new SignJWT({ ...claims, clearance: "red" })
      .setProtectedHeader({ alg: "ES256", kid: "test", ...headers })
      .sign(own.privateKey);
  const ownKey = { ...own.publicKey.export({ format: "jwk" }), kid: "mine", alg: "ES256" };
  return [
    { name: "changed after it was signed", token: `${header}.${raised}.${signature}` },
    { name: "without its signature", token: `${header}.${payload}.` },
    { name: "of algorithm none", token: unsigned("none") },
    { name: "of algorithm None", token: unsigned("None") },
    { name: "of algorithm none with the old signature", token: unsigned("none", signature) },
    { name: "signed with the public key as a secret (PEM)", token: keyed(pem) },
    { name: "signed with the public key as a secret (JWK)", token: keyed(JSON.stringify(jwk)) },
    { name: "signed with an empty secret", token: keyed("") },
    { name: "signed by somebody else under the issuer's key id", token: await ownSigned({}) },
    { name: "signed by somebody else under a key id of their own", token: await ownSigned({ kid: "mine" }) },
    { name: "with its key inside", token: await ownSigned({ kid: "mine", jwk: ownKey }) },
    {
      name: "with the address of its key",
      token: await ownSigned({ kid: "mine", jku: "http://127.0.0.1:9/jwks" }),
    },
    { name: "with a path as its key id", token: await ownSigned({ kid: "../../../../dev/null" }) },
    {
      name: "with an extension that nobody knows",
      token: `${encode({ alg: "ES256", kid: "test", crit: ["x"], x: 1 })}.${payload}.${signature}`,
    },
    { name: "that has run out", token: await issuer.tokenFor({ exp: now - 3_600 }) },
    { name: "for another audience", token: await issuer.tokenFor({}, { audience: "another" }) },
    { name: "of another issuer", token: await issuer.tokenFor({}, { issuer: "https://issuer.invalid" }) },
    { name: "that is not valid yet", token: await issuer.tokenFor({}, { notBefore: now + 3_600 }) },
    { name: "of a clearance that there is not", token: await issuer.tokenFor({ clearance: "cosmic" }) },
    { name: "in two parts", token: `${header}.${payload}` },
    { name: "in four parts", token: `${good}.x` },
    { name: "that is no token", token: "let-me-in" },
    { name: "that is too long", token: `${header}.${"A".repeat(10_000)}.${signature}` },
  ];
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function readPublicKey({ identity }: TestIssuer): Promise<JWK> {
  const { keys } = (await (await fetch(identity.jwksUrl)).json()) as { readonly keys: readonly JWK[] };
  const [jwk] = keys;
  if (!jwk) throw new Error("the issuer has a key");
  return jwk;
}
