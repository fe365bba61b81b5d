/** Asks the gateway of this region about access: it has the supergraph and the policies in force. */
import { createHash } from "node:crypto";
import { SignJWT } from "jose";
import { request } from "undici";
import { z } from "zod";
import { AppError } from "../shared/errors.ts";

const explanationSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("refused"), message: z.string() }),
  z.object({
    kind: z.literal("explained"),
    bundle: z.object({ digest: z.string(), revision: z.string() }),
    fields: z.array(
      z.object({
        coordinate: z.string(),
        allowed: z.boolean(),
        reason: z.string(),
        rule: z.string(),
        demands: z.array(z.string()),
        places: z.array(z.string()),
        paths: z.array(z.string()),
      }),
    ),
    types: z.array(
      z.object({
        type: z.string(),
        rules: z.array(z.string()),
        lists: z.enum(["all", "some", "none"]),
        reason: z.string(),
        rule: z.string(),
        condition: z.record(z.string(), z.unknown()).nullable(),
        places: z.array(z.string()),
      }),
    ),
    rows: z
      .object({
        isComplete: z.boolean(),
        rows: z.array(
          z.object({
            type: z.string(),
            path: z.string(),
            id: z.string().nullable(),
            outcome: z.enum(["allow", "mask", "null", "drop"]),
            reason: z.string(),
            rule: z.string(),
            masked: z.array(z.object({ field: z.string(), as: z.string() })),
          }),
        ),
      })
      .nullable(),
  }),
]);

export type AccessExplanation = Extract<z.infer<typeof explanationSchema>, { kind: "explained" }>;

/** What rules know of a caller. */
export type AccessFacts = {
  readonly anonymous: boolean;
  readonly subject: string | null;
  readonly tenant: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly clearance: string;
  readonly purpose: string | null;
  readonly region: string;
  readonly jurisdiction: string;
};

export type AskedAbout = {
  readonly operation: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rows: boolean;
  readonly as: AccessFacts;
  readonly asker: AccessFacts;
};

const shadowSchema = z.object({
  shadow: z
    .object({
      bundle: z.object({ digest: z.string(), revision: z.string() }).nullable(),
      since: z.number(),
      problem: z.object({ text: z.string() }).optional(),
      results: z.record(z.enum(["same", "stricter", "looser", "other", "failed", "skipped"]), z.int()),
      differences: z.array(
        z.object({
          operationName: z.string().nullable(),
          coordinate: z.string(),
          inForce: z.string(),
          shadow: z.string(),
          decisions: z.int(),
        }),
      ),
    })
    .nullable(),
});

export type PolicyShadow = NonNullable<z.infer<typeof shadowSchema>["shadow"]>;

export type AskGateway = {
  /** Rejects with BAD_USER_INPUT for an operation that does not fit the graph. */
  readonly explainAccess: (asked: AskedAbout) => Promise<AccessExplanation>;
  /** Null when no bundle is configured as a shadow. */
  readonly findShadow: () => Promise<PolicyShadow | null>;
};

/** Rows are loaded for at most 10 s. */
const timeoutMs = 15_000;
const lifetimeS = 30;

export function createAskGateway(gatewayUrl: string | undefined, contextKey: Uint8Array): AskGateway {
  async function ask(path: string, asked: object): Promise<unknown> {
    if (gatewayUrl === undefined) throw new Error("expected ATLAS_GATEWAY_URL, by which access is explained");
    const body = JSON.stringify(asked);
    const signature = await new SignJWT({ sha256: createHash("sha256").update(body).digest("hex") })
      .setProtectedHeader({ alg: "HS256", typ: "atlas-access+jwt" })
      .setIssuer("compliance")
      .setAudience("atlas-gateway")
      .setExpirationTime(`${lifetimeS}s`)
      .sign(contextKey);
    const response = await request(`${gatewayUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "atlas-access-request": signature },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return response.body.json();
  }

  return {
    explainAccess: async (asked) => {
      const explanation = explanationSchema.parse(await ask("/access/explain", asked));
      if (explanation.kind === "explained") return explanation;
      throw new AppError("BAD_USER_INPUT", explanation.message);
    },
    findShadow: async () => shadowSchema.parse(await ask("/access/shadow", {})).shadow,
  };
}
