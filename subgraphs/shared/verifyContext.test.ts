import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { createContextVerifier } from "./verifyContext.ts";

const key = new Uint8Array(randomBytes(32));
const otherKey = new Uint8Array(randomBytes(32));
const now = Date.parse("2026-03-03T12:00:00Z");
const nowS = now / 1_000;
const payload = {
  iss: "atlas-gateway",
  aud: "regions",
  iat: nowS,
  exp: nowS + 30,
  jti: "j",
  sub: "u-1",
  tenant: "acme",
  roles: ["analyst"],
  scope: ["signals:read"],
  clearance: "amber",
  purpose: "research",
  jurisdiction: "eu",
  region: "eu-west",
  filters: {},
  op: "op-1",
  dec: "dec-1",
  anonymous: false,
};
const verify = createContextVerifier(key, "regions", () => now);

const sign = (changes: Record<string, unknown> = {}, by = key, header: Partial<JWTHeaderParameters> = {}) =>
  // Values that JWTPayload does not allow are what some tests are about.
  new SignJWT({ ...payload, ...changes } as JWTPayload)
    .setProtectedHeader({ alg: "HS256", typ: "atlas-context+jwt", ...header })
    .sign(by);

const expectRefusal = (signed: string | undefined, reason: string) =>
  expect(verify(signed)).rejects.toMatchObject({
    name: "AppError",
    code: "CONTEXT_REFUSED",
    message: expect.stringMatching(new RegExp(`^${reason}: `)),
  });

describe("verifyContext", () => {
  test("tells who calls", async () => {
    expect(await verify(await sign())).toEqual({
      subject: "u-1",
      tenant: "acme",
      anonymous: false,
      roles: ["analyst"],
      scopes: ["signals:read"],
      clearance: "amber",
      purpose: "research",
      jurisdiction: "eu",
      region: "eu-west",
      filters: {},
      operationId: "op-1",
      decisionId: "dec-1",
    });
    expect(await verify(await sign({ sub: null, tenant: null, anonymous: true }))).toMatchObject({
      subject: null,
      anonymous: true,
    });
  });

  test.each([undefined, ""])("refuses a request without one: %p", (signed) =>
    expectRefusal(signed, "missing"),
  );

  test("refuses one that expired", async () => {
    await expectRefusal(await sign({ iat: nowS - 60, exp: nowS - 30 }), "expired");
    await expectRefusal(await sign({ iat: nowS - 35, exp: nowS - 5 }), "expired");
  });

  test("refuses one that was made for another subgraph, whether or not its key is known here", async () => {
    await expectRefusal(await sign({ aud: "ml" }, otherKey), "wrong-audience");
    await expectRefusal(await sign({ aud: "ml" }), "wrong-audience");
    await expectRefusal(await sign({ aud: undefined }), "wrong-audience");
  });

  test("refuses one that is signed with another key", async () =>
    expectRefusal(await sign({}, otherKey), "forged"));

  test("refuses one that was changed after signing", async () => {
    const [header, , signature] = (await sign()).split(".");
    const changed = Buffer.from(JSON.stringify({ ...payload, roles: ["administrator"] })).toString(
      "base64url",
    );
    await expectRefusal(`${header}.${changed}.${signature}`, "forged");
  });

  test("refuses one without a signature (alg: none)", async () => {
    const unsigned = new UnsecuredJWT(payload as unknown as JWTPayload).encode();
    await expectRefusal(unsigned, "forged");
    const [, claims] = unsigned.split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none", typ: "atlas-context+jwt" })).toString(
      "base64url",
    );
    await expectRefusal(`${header}.${claims}.`, "forged");
  });

  test("refuses other algorithms, with this key or another (key confusion)", async () => {
    const long = new Uint8Array(64).fill(1);
    await expectRefusal(await sign({}, long, { alg: "HS512" }), "forged");
    const { privateKey } = await generateKeyPair("ES256");
    const asymmetric = await new SignJWT(payload as unknown as JWTPayload)
      .setProtectedHeader({ alg: "ES256", typ: "atlas-context+jwt" })
      .sign(privateKey);
    await expectRefusal(asymmetric, "forged");
  });

  test("refuses a caller's own token in the place of a context", async () => {
    await expectRefusal(await sign({}, key, { typ: "at+jwt" }), "malformed");
    await expectRefusal(await sign({ iss: "https://issuer.test" }), "malformed");
  });

  test.each([
    ["no expiry", { exp: undefined }],
    ["no tenant at all", { tenant: undefined }],
    ["roles that are text", { roles: "analyst" }],
    ["an unknown jurisdiction", { jurisdiction: "moon" }],
    ["somebody who is anonymous", { anonymous: true }],
    ["nobody who is not anonymous", { sub: null }],
    ["filters that are a list", { filters: [] }],
  ])("refuses one with %s", async (_, changes) => expectRefusal(await sign(changes), "malformed"));

  test.each(["x", "a.b", "a.b.c", "....", "e30.e30.AA"])("refuses what is no context: %s", (signed) =>
    expectRefusal(signed, "malformed"),
  );
});
