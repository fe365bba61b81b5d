/**
 * Who is behind a request, as the gateway vouches for it. A subgraph answers nobody else: the key is its own, so a
 * context made for another subgraph does not verify here.
 */
import { decodeJwt, errors, jwtVerify } from "jose";
import { z } from "zod";
import { AppError } from "./errors.ts";

export type CallerContext = {
  /** Null when anonymous. */
  readonly subject: string | null;
  /** `public` for callers that belong to no tenant: they reach only rows that everybody may read. */
  readonly tenant: string;
  readonly anonymous: boolean;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Traffic Light Protocol, from `clear` to `red`. */
  readonly clearance: string;
  readonly purpose: string | null;
  readonly jurisdiction: "us" | "eu" | "br" | "ap";
  /** Code of the region that the caller works from. */
  readonly region: string;
  /** Conditions on rows, by list field; empty when there are none. */
  readonly filters: Readonly<Record<string, unknown>>;
  readonly operationId: string;
  readonly decisionId: string;
};

/** Rejects with CONTEXT_REFUSED, whose text begins with one of `RefusalReason`. */
export type VerifyContext = (signed: string | undefined) => Promise<CallerContext>;

export type RefusalReason = "missing" | "forged" | "expired" | "wrong-audience" | "malformed";

/** Clocks of one region's machines; contexts live for 30 s. */
const leewayS = 5;

export function createContextVerifier(
  key: Uint8Array,
  subgraph: string,
  now: () => number = Date.now,
): VerifyContext {
  return async (signed) => {
    if (signed === undefined || signed === "") throw refuse("missing");
    return toCallerContext(await verify(signed));
  };

  async function verify(signed: string): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(signed, key, {
        algorithms: ["HS256"],
        typ: "atlas-context+jwt",
        issuer: "atlas-gateway",
        audience: subgraph,
        requiredClaims: ["iat", "exp", "jti"],
        clockTolerance: leewayS,
        currentDate: new Date(now()),
      });
      return payload;
    } catch (cause) {
      throw refuse(findReason(cause, signed, subgraph), cause);
    }
  }
}

function findReason(cause: unknown, signed: string, subgraph: string): RefusalReason {
  if (cause instanceof errors.JWTExpired) return "expired";
  if (cause instanceof errors.JWTClaimValidationFailed) {
    return cause.claim === "aud" ? "wrong-audience" : "malformed";
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed) {
    // Keys differ by subgraph, so a replay looks like a forgery; what it says of itself is only good for the log.
    return isForAnother(signed, subgraph) ? "wrong-audience" : "forged";
  }
  return cause instanceof errors.JOSEAlgNotAllowed ? "forged" : "malformed";
}

function isForAnother(signed: string, subgraph: string): boolean {
  try {
    const { aud } = decodeJwt(signed);
    return typeof aud === "string" && aud !== subgraph;
  } catch {
    return false;
  }
}

const contextSchema = z
  .object({
    sub: z.string().min(1).nullable(),
    tenant: z.string().min(1).nullable(),
    anonymous: z.boolean(),
    roles: z.array(z.string()),
    scope: z.array(z.string()),
    clearance: z.string(),
    purpose: z.string().nullable(),
    jurisdiction: z.enum(["us", "eu", "br", "ap"]),
    region: z.string(),
    filters: z.record(z.string(), z.unknown()),
    op: z.string(),
    dec: z.string(),
  })
  .refine(({ sub, anonymous }) => (sub === null) === anonymous);

function toCallerContext(payload: unknown): CallerContext {
  const claims = contextSchema.safeParse(payload);
  if (!claims.success) throw refuse("malformed", claims.error);
  const { sub, tenant, scope, op, dec, ...others } = claims.data;
  return {
    ...others,
    tenant: tenant ?? "public",
    subject: sub,
    scopes: scope,
    operationId: op,
    decisionId: dec,
  };
}

const explanations: Readonly<Record<RefusalReason, string>> = {
  missing: "expected a signed context of the gateway; requests to a subgraph go through the gateway",
  forged: "the context is not signed with this subgraph's key",
  expired: "the context has expired; each is made for one call and good for half a minute",
  "wrong-audience": "the context was made for another subgraph",
  malformed: "the context is not of the form that the gateway sends",
};

function refuse(reason: RefusalReason, cause?: unknown): AppError {
  return new AppError("CONTEXT_REFUSED", `${reason}: ${explanations[reason]}`, { cause });
}
