/** An issuer of caller tokens with keys of its own, for tests that are not about the issuer itself. */
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

export type TokenClaims = {
  readonly sub: string;
  readonly tenant: string | null;
  readonly roles: readonly string[];
  readonly scope: string;
  readonly clearance: string;
  readonly purpose: string | null;
  readonly region: string;
  /** Seconds since the epoch. */
  readonly exp: number;
};

export type TestIssuer = AsyncDisposable & {
  readonly identity: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };
  /** A signed token of a person with `claims`; by default an analyst of tenant acme. */
  readonly tokenFor: (claims?: Partial<TokenClaims>, misuse?: Misuse) => Promise<string>;
};

/** A token that is signed as it should be, and not meant for this gateway or this moment. */
export type Misuse = { readonly issuer?: string; readonly audience?: string; readonly notBefore?: number };

const analyst = {
  sub: "test-analyst",
  tenant: "acme",
  roles: ["analyst"],
  scope:
    "signals:read signals:write assessments:read assessments:write models:read devices:read devices:write",
  clearance: "amber",
  purpose: "research",
  region: "us-east",
};

export async function startTestIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "test", alg: "ES256", use: "sig" }];
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
  const issuer = `http://127.0.0.1:${address.port}`;

  return {
    identity: { issuer, audience: "atlas", jwksUrl: `${issuer}/jwks` },
    tokenFor: ({ exp, ...claims } = {}, misuse = {}) =>
      new SignJWT({ ...analyst, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "test", typ: "at+jwt" })
        .setIssuer(misuse.issuer ?? issuer)
        .setAudience(misuse.audience ?? "atlas")
        .setNotBefore(misuse.notBefore ?? 0)
        .setIssuedAt()
        .setExpirationTime(exp ?? "1h")
        .sign(privateKey),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
