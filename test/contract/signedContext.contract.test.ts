/** What the gateway signs is what a subgraph verifies; the two know each other by this format alone. */
import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { createAnonymousCaller } from "../../gateway/stages/identifyCaller.ts";
import { createContextSigner, deriveContextKey } from "../../gateway/stages/signContext.ts";
import { createContextVerifier } from "../../subgraphs/shared/verifyContext.ts";

const secret = new Uint8Array(randomBytes(32));
const subgraphs = ["regions", "intelligence", "ml", "compliance", "mobile"];
const anonymous = createAnonymousCaller("eu-west");
const analyst = {
  ...anonymous,
  kind: "identified",
  subject: "u-1",
  tenant: "acme",
  roles: ["analyst"],
  scopes: ["signals:read"],
  clearance: "amber",
  purpose: "research",
  expiresAt: 1,
} as const;

describe("the signed context between gateway and subgraphs", () => {
  test.each([analyst, anonymous])("carries the caller over ($kind)", async (caller) => {
    const signed = createContextSigner(secret)({
      subgraph: "regions",
      caller,
      operationId: "op",
      decisionId: "dec",
      filters: { Signal: "none" },
    });
    const verified = await createContextVerifier(deriveContextKey(secret, "regions"), "regions")(signed);
    const { kind, expiresAt: _, claims: _claims, ...facts } = caller;
    expect(verified).toEqual({
      ...facts,
      // Who has no tenant sees what belongs to everybody.
      tenant: facts.tenant ?? "public",
      anonymous: kind === "anonymous",
      filters: { Signal: "none" },
      operationId: "op",
      decisionId: "dec",
    });
  });

  test("is good for the subgraph that it was made for and for no other", async () => {
    const sign = createContextSigner(secret);
    for (const made of subgraphs) {
      const signed = sign({
        subgraph: made,
        caller: analyst,
        operationId: "op",
        decisionId: "dec",
        filters: {},
      });
      for (const asked of subgraphs) {
        const verified = createContextVerifier(deriveContextKey(secret, asked), asked)(signed);
        if (asked === made) await expect(verified).resolves.toMatchObject({ subject: "u-1" });
        else
          await expect(verified).rejects.toMatchObject({ message: expect.stringMatching(/^wrong-audience/) });
      }
    }
  });

  test("expires after 30 seconds and 5 of leeway", async () => {
    const issuedAt = 1_772_539_200_000;
    const signed = createContextSigner(
      secret,
      () => issuedAt,
    )({
      subgraph: "ml",
      caller: analyst,
      operationId: "op",
      decisionId: "dec",
      filters: {},
    });
    const verifyAt = (at: number) =>
      createContextVerifier(deriveContextKey(secret, "ml"), "ml", () => at)(signed);
    await expect(verifyAt(issuedAt + 34_000)).resolves.toBeDefined();
    await expect(verifyAt(issuedAt + 35_000)).rejects.toMatchObject({ code: "CONTEXT_REFUSED" });
  });
});
