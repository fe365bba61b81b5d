import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  base64url,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { AppError } from "../errors.ts";
import { createIdentifyCaller, type IdentifyCaller } from "./identifyCaller.ts";

const issuer = "https://issuer.test";
const now = Date.parse("2026-03-03T12:00:00Z");
const nowS = now / 1_000;
const claims = {
  tenant: "acme",
  roles: ["analyst"],
  scope: "signals:read assessments:read",
  clearance: "amber",
  purpose: "research",
  region: "eu-west",
};

type Key = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly publicKey: CryptoKey;
};

async function createKey(kid: string, alg = "ES256"): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

const sign = ({ kid, alg, privateKey }: Key, payload: Record<string, unknown> = {}) =>
  new SignJWT({ iss: issuer, aud: "atlas", sub: "u-1", iat: nowS, exp: nowS + 300, ...claims, ...payload })
    .setProtectedHeader({ alg, kid, typ: "at+jwt" })
    .sign(privateKey);

/** An issuer's key endpoint, over real HTTP, whose keys a test may change. */
async function serveKeys() {
  const served = { keys: [] as JWK[], fetches: 0, status: 200 };
  const server: Server = createServer((_request, response) => {
    served.fetches += 1;
    response.writeHead(served.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: served.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(served, {
    url: `http://127.0.0.1:${port}/jwks`,
    close: () => new Promise((resolve) => server.close(resolve)),
  });
}

describe("identifyCaller", () => {
  let keys: Awaited<ReturnType<typeof serveKeys>>;
  let key: Key;
  let clock: number;
  let unavailable: unknown[];
  let identify: IdentifyCaller;

  beforeEach(async () => {
    keys = await serveKeys();
    key = await createKey("first");
    keys.keys = [key.jwk];
    clock = now;
    unavailable = [];
    identify = createIdentifyCaller({
      identity: { issuer, audience: "atlas", jwksUrl: keys.url },
      region: "us-east",
      onKeysUnavailable: (cause) => unavailable.push(cause),
      now: () => clock,
    });
  });
  afterEach(() => keys.close());

  const bearer = (token: string) => identify({ authorization: `Bearer ${token}` });
  const expectRefusal = async (token: string, message: string) => {
    const refusal = await bearer(token).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ code: "UNAUTHENTICATED", status: 401, message });
    const [, payload = "", signature = ""] = token.split(".");
    for (const part of [payload, signature]) {
      if (part.length > 10) expect(String(refusal instanceof Error && refusal.message)).not.toContain(part);
    }
  };

  test("takes a caller without a token as anonymous, in the gateway's region", async () => {
    expect(await identify({ authorization: undefined })).toEqual({
      kind: "anonymous",
      subject: null,
      tenant: null,
      roles: [],
      scopes: [],
      clearance: "clear",
      purpose: null,
      region: "us-east",
      jurisdiction: "us",
      claims: {},
      expiresAt: null,
    });
    expect(keys.fetches).toBe(0);
  });

  test.each(["ES256", "RS256"])("reads the claims of a good %s token", async (alg) => {
    const other = await createKey("other", alg);
    keys.keys = [key.jwk, other.jwk];
    expect(await bearer(await sign(other))).toEqual({
      kind: "identified",
      subject: "u-1",
      tenant: "acme",
      roles: ["analyst"],
      scopes: ["signals:read", "assessments:read"],
      clearance: "amber",
      purpose: "research",
      region: "eu-west",
      jurisdiction: "eu",
      claims: {},
      expiresAt: nowS + 300,
    });
  });

  test("accepts scopes as a list, and gives nothing to claims that are absent", async () => {
    expect(await bearer(await sign(key, { scope: ["a", "b"] }))).toMatchObject({ scopes: ["a", "b"] });
    const bare = await new SignJWT({ iss: issuer, aud: ["atlas", "else"], sub: "u", exp: nowS + 9 })
      .setProtectedHeader({ alg: "ES256", kid: "first" })
      .sign(key.privateKey);
    expect(await bearer(bare)).toMatchObject({
      tenant: null,
      roles: [],
      scopes: [],
      clearance: "clear",
      region: "us-east",
    });
  });

  test("allows 60 s of leeway and not one more", async () => {
    expect(await bearer(await sign(key, { exp: nowS - 59 }))).toMatchObject({ kind: "identified" });
    await expectRefusal(await sign(key, { exp: nowS - 61 }), "The token has expired.");
    expect(await bearer(await sign(key, { nbf: nowS + 59 }))).toMatchObject({ kind: "identified" });
    await expectRefusal(await sign(key, { nbf: nowS + 61 }), "The token is not valid yet.");
  });

  test("refuses a token of another audience, of another issuer, or without what is needed", async () => {
    await expectRefusal(await sign(key, { aud: "billing" }), "The token is for another audience.");
    await expectRefusal(await sign(key, { iss: "https://evil.test" }), "The token is from another issuer.");
    const lacks = "The token lacks a claim that is needed: expected iss, aud, exp and sub.";
    await expectRefusal(await sign(key, { exp: undefined }), lacks);
    await expectRefusal(await sign(key, { sub: undefined }), lacks);
  });

  test("refuses claims of another form, by name and without their value", async () => {
    await expectRefusal(
      await sign(key, { clearance: "cosmic" }),
      "The token has claims of another form than expected: clearance.",
    );
    await expectRefusal(
      await sign(key, { roles: { analyst: true } }),
      "The token has claims of another form than expected: roles.",
    );
  });

  test.each([
    ["nothing", ""],
    ["another scheme", "Basic dXNlcjpwYXNz"],
    ["no token", "Bearer "],
    ["two tokens", "Bearer a b"],
    ["a token without its scheme", "eyJhbGciOiJFUzI1NiJ9.e30.AA"],
  ])("refuses an Authorization header with %s", async (_, authorization) => {
    await expect(identify({ authorization })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: 'Expected an Authorization header of the form "Bearer <token>".',
    });
  });

  test.each(["x", "a.b.c", `${"a".repeat(3)}.${"b".repeat(40)}.${"c".repeat(40)}`])(
    "refuses what is no JWT: %s",
    (token) => expectRefusal(token, "Expected a signed JWT."),
  );

  test("refuses a token that is too long before reading it", () =>
    expectRefusal("a".repeat(8_193), "Expected a token of at most 8192 characters."));

  test("refuses a token without a signature (alg: none)", async () => {
    const unsigned = new UnsecuredJWT({
      ...claims,
      iss: issuer,
      aud: "atlas",
      sub: "u-1",
      exp: nowS + 300,
    }).encode();
    await expectRefusal(unsigned, "Expected a token signed with RS256 or ES256.");
    const [, payload] = unsigned.split(".");
    for (const alg of ["none", "None", "NONE"]) {
      const header = base64url.encode(JSON.stringify({ alg, kid: "first" }));
      await expectRefusal(`${header}.${payload}.AAAA`, "Expected a token signed with RS256 or ES256.");
    }
  });

  test.each(["ES384", "PS256", "EdDSA"])("refuses %s, even by a key that the issuer has", async (alg) => {
    const other = await createKey("other", alg);
    keys.keys = [key.jwk, other.jwk];
    await expectRefusal(await sign(other), "Expected a token signed with RS256 or ES256.");
  });

  test("refuses a token signed by the public key as a shared secret (key confusion)", async () => {
    for (const secret of [await exportSPKI(key.publicKey), JSON.stringify(key.jwk), String(key.jwk.x)]) {
      const confused = await new SignJWT({
        ...claims,
        iss: issuer,
        aud: "atlas",
        sub: "root",
        exp: nowS + 300,
      })
        .setProtectedHeader({ alg: "HS256", kid: "first" })
        .sign(new TextEncoder().encode(secret));
      await expectRefusal(confused, "Expected a token signed with RS256 or ES256.");
    }
  });

  test("refuses a key that the token brings along", async () => {
    const own = await createKey("first");
    const forged = await new SignJWT({ ...claims, iss: issuer, aud: "atlas", sub: "root", exp: nowS + 300 })
      .setProtectedHeader({ alg: "ES256", kid: "first", jwk: own.jwk, jku: "http://127.0.0.1:1/jwks" })
      .sign(own.privateKey);
    await expectRefusal(forged, "The token's signature does not verify.");
  });

  test("refuses a token that was changed after signing", async () => {
    const [header, payload = "", signature] = (await sign(key)).split(".");
    const changed = JSON.parse(Buffer.from(payload, "base64url").toString());
    const forged = Buffer.from(JSON.stringify({ ...changed, roles: ["administrator"] })).toString(
      "base64url",
    );
    await expectRefusal(`${header}.${forged}.${signature}`, "The token's signature does not verify.");
  });

  test("follows the issuer to a new key, and asks for unknown keys at most once in the cooldown", async () => {
    expect(await bearer(await sign(key))).toMatchObject({ subject: "u-1" });
    expect(keys.fetches).toBe(1);
    const next = await createKey("second");
    await expectRefusal(await sign(next), "The token is signed with a key that the issuer does not have.");
    await expectRefusal(
      await sign(await createKey("third")),
      "The token is signed with a key that the issuer does not have.",
    );
    expect(keys.fetches).toBe(1);

    const eager = createIdentifyCaller({
      identity: { issuer, audience: "atlas", jwksUrl: keys.url },
      region: "us-east",
      keysCooldownMs: 0,
      now: () => clock,
    });
    await eager({ authorization: `Bearer ${await sign(key)}` });
    keys.keys = [next.jwk];
    expect(await eager({ authorization: `Bearer ${await sign(next)}` })).toMatchObject({ subject: "u-1" });
  });

  test("refuses everybody while the issuer's keys cannot be had, tells why to the log, and recovers", async () => {
    keys.status = 500;
    const token = await sign(key);
    const message = "The token cannot be verified now, because the issuer's keys cannot be had; try again.";
    await expectRefusal(token, message);
    expect(unavailable).toHaveLength(1);
    keys.status = 200;
    expect(await bearer(token)).toMatchObject({ subject: "u-1" });
    expect(await identify({ authorization: undefined })).toMatchObject({ kind: "anonymous" });
  });

  test("refuses everybody when nobody answers at the issuer's address", async () => {
    await keys.close();
    await expectRefusal(
      await sign(key),
      "The token cannot be verified now, because the issuer's keys cannot be had; try again.",
    );
    expect(unavailable).toHaveLength(1);
    keys = await serveKeys();
  });

  test("remembers a verified token until it expires, and not beyond", async () => {
    const token = await sign(key, { exp: nowS + 100 });
    const first = await bearer(token);
    expect(await bearer(token)).toBe(first);
    clock = now + 161_000;
    await expectRefusal(token, "The token has expired.");
  });

  test("leaves tokens to the subgraphs when no issuer is configured", async () => {
    const alone = createIdentifyCaller({ identity: undefined, region: "eu-west" });
    expect(await alone({ authorization: "Bearer whatever" })).toMatchObject({
      kind: "anonymous",
      jurisdiction: "eu",
      claims: {},
    });
  });
});
