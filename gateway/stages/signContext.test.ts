import { describe, expect, test } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { type Caller, createAnonymousCaller } from "./identifyCaller.ts";
import { createContextSigner, deriveContextKey } from "./signContext.ts";

const secret = new Uint8Array(32).fill(7);
const now = Date.parse("2026-03-03T12:00:00.900Z");
const caller: Caller = {
  kind: "identified",
  subject: "u-1",
  tenant: "acme",
  roles: ["analyst"],
  scopes: ["signals:read"],
  clearance: "amber",
  purpose: "research",
  region: "eu-west",
  jurisdiction: "eu",
  claims: {},
  expiresAt: 1,
};
const sign = createContextSigner(secret, () => now);
const call = {
  subgraph: "regions",
  caller,
  operationId: "op-1",
  decisionId: "dec-1",
  filters: { Signal: "none" } as const,
};

describe("signContext", () => {
  test("says who calls, for which subgraph and operation, for 30 seconds", () => {
    const signed = sign(call);
    expect(decodeProtectedHeader(signed)).toEqual({ alg: "HS256", typ: "atlas-context+jwt" });
    expect(decodeJwt(signed)).toEqual({
      iss: "atlas-gateway",
      aud: "regions",
      iat: Math.floor(now / 1_000),
      exp: Math.floor(now / 1_000) + 30,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sub: "u-1",
      tenant: "acme",
      roles: ["analyst"],
      scope: ["signals:read"],
      clearance: "amber",
      purpose: "research",
      jurisdiction: "eu",
      region: "eu-west",
      filters: { Signal: "none" },
      op: "op-1",
      dec: "dec-1",
      anonymous: false,
    });
  });

  test("says that nobody is known", () => {
    expect(decodeJwt(sign({ ...call, caller: createAnonymousCaller("us-east") }))).toMatchObject({
      sub: null,
      tenant: null,
      roles: [],
      anonymous: true,
    });
  });

  test("signs as jose verifies, with a key that differs by subgraph and by secret", async () => {
    const signed = sign(call);
    const verify = (key: Uint8Array) => jwtVerify(signed, key, { currentDate: new Date(now) });
    await expect(verify(deriveContextKey(secret, "regions"))).resolves.toBeDefined();
    await expect(verify(deriveContextKey(secret, "ml"))).rejects.toThrow("signature verification failed");
    await expect(verify(deriveContextKey(new Uint8Array(32), "regions"))).rejects.toThrow();
    await expect(verify(secret)).rejects.toThrow();
  });

  test("never signs the same twice", () => {
    expect(sign(call)).not.toBe(sign(call));
  });
});
