/**
 * Who is calling? A JWT of the configured issuer makes an identified caller, no token an anonymous one, and any other
 * token ends the request. Tokens appear in no error and no log.
 */
import { createHash } from "node:crypto";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { AppError } from "../errors.ts";

/** Traffic Light Protocol 2.0 (https://www.first.org/tlp/), from public to most secret. */
const clearances = ["clear", "green", "amber", "amber+strict", "red"] as const;

export type Clearance = (typeof clearances)[number];
export type Jurisdiction = "us" | "eu" | "br" | "ap";

type CallerClaims = {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly clearance: Clearance;
  readonly purpose: string | null;
  /** Where the caller works from, such as `eu-west`. A hint: it never overrides where data may be. */
  readonly region: string;
  readonly jurisdiction: Jurisdiction;
  /** What else the token says, by claim, for rules that read it. */
  readonly claims: Readonly<Record<string, unknown>>;
};

export type AnonymousCaller = CallerClaims & {
  readonly kind: "anonymous";
  readonly subject: null;
  readonly tenant: null;
  readonly expiresAt: null;
};

export type IdentifiedCaller = CallerClaims & {
  readonly kind: "identified";
  readonly subject: string;
  /** Null for tokens of issuers that know no tenants. */
  readonly tenant: string | null;
  /** Seconds since 1970, the `exp` of the token. */
  readonly expiresAt: number;
};

export type Caller = AnonymousCaller | IdentifiedCaller;

export type IdentifyCaller = (request: { readonly authorization: string | undefined }) => Promise<Caller>;

export type IdentityOptions = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
};

export type IdentifyOptions = {
  /** Undefined when the gateway runs alone: tokens are then for the subgraphs to judge, and everybody is anonymous. */
  readonly identity: IdentityOptions | undefined;
  /** Region of this gateway: where callers without a region of their own are. */
  readonly region: string;
  /** Called when the issuer's keys cannot be had, which refuses every new token. */
  readonly onKeysUnavailable?: (cause: unknown) => void;
  /** Unknown key ids fetch the keys anew, but not oftener than this. Default 10,000. */
  readonly keysCooldownMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
};

const algorithms = ["RS256", "ES256"];
/** How long after its `exp` a token still counts, for clocks that disagree. */
export const leewayS = 60;
/** Far above real tokens; Node itself stops headers at 16 KiB. */
const tokenCharsMax = 8_192;
const verifiedTokensMax = 10_000;
/** Bounds how long a token outlives the withdrawal of its key. */
const verifiedMsMax = 5 * 60_000;
const keysCooldownMsDefault = 10_000;
const keysTimeoutMs = 3_000;

export function createIdentifyCaller(options: IdentifyOptions): IdentifyCaller {
  const { identity, region, now = Date.now } = options;
  const anonymous = createAnonymousCaller(region);
  if (!identity) return async () => anonymous;
  const verify = createVerify(identity, options);
  // By hash, so that a heap dump of the cache holds no token.
  const verified = new LRUCache<string, IdentifiedCaller>({ max: verifiedTokensMax, ttl: verifiedMsMax });

  return async ({ authorization }) => {
    if (authorization === undefined) return anonymous;
    const token = parseBearer(authorization);
    const hash = createHash("sha256").update(token).digest("base64url");
    const known = verified.get(hash);
    if (known && now() / 1_000 < known.expiresAt + leewayS) return known;
    const caller = toCaller(await verify(token), region);
    verified.set(hash, caller);
    return caller;
  };
}

export function createAnonymousCaller(region: string): AnonymousCaller {
  return Object.freeze({
    kind: "anonymous",
    subject: null,
    tenant: null,
    roles: [],
    scopes: [],
    clearance: "clear",
    purpose: null,
    region,
    jurisdiction: toJurisdiction(region) ?? "us",
    claims: {},
    expiresAt: null,
  });
}

/** RFC 6750 §2.1; the scheme is case-insensitive (RFC 9110 §11.1). */
function parseBearer(authorization: string): string {
  const token = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
  if (!token) throw refuse('Expected an Authorization header of the form "Bearer <token>".');
  if (token.length > tokenCharsMax) throw refuse(`Expected a token of at most ${tokenCharsMax} characters.`);
  return token;
}

function createVerify(
  { issuer, audience, jwksUrl }: IdentityOptions,
  { onKeysUnavailable, keysCooldownMs = keysCooldownMsDefault, now = Date.now }: IdentifyOptions,
): (token: string) => Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration: keysCooldownMs,
    timeoutDuration: keysTimeoutMs,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        clockTolerance: leewayS,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(now()),
      });
      return payload;
    } catch (cause) {
      if (!isTokenFault(cause)) onKeysUnavailable?.(cause);
      throw refuse(describe(cause), cause);
    }
  };
}

/** All else that jose throws here is about fetching the keys. */
function isTokenFault(cause: unknown): boolean {
  return (
    cause instanceof errors.JWTExpired ||
    cause instanceof errors.JWTClaimValidationFailed ||
    cause instanceof errors.JWTInvalid ||
    cause instanceof errors.JWSInvalid ||
    cause instanceof errors.JOSEAlgNotAllowed ||
    cause instanceof errors.JOSENotSupported ||
    cause instanceof errors.JWSSignatureVerificationFailed ||
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys
  );
}

function describe(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return "The token has expired.";
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === "aud") return "The token is for another audience.";
    if (cause.claim === "iss") return "The token is from another issuer.";
    if (cause.claim === "nbf") return "The token is not valid yet.";
    return "The token lacks a claim that is needed: expected iss, aud, exp and sub.";
  }
  if (cause instanceof errors.JOSEAlgNotAllowed) return "Expected a token signed with RS256 or ES256.";
  if (cause instanceof errors.JWKSNoMatchingKey)
    return "The token is signed with a key that the issuer does not have.";
  if (cause instanceof errors.JWSSignatureVerificationFailed) return "The token's signature does not verify.";
  if (isTokenFault(cause)) return "Expected a signed JWT.";
  return "The token cannot be verified now, because the issuer's keys cannot be had; try again.";
}

const listSchema = z.union([
  z.array(z.string()),
  z.string().transform((text) => text.split(" ").filter((word) => word !== "")),
]);
const claimsSchema = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  tenant: z.string().min(1).nullable().default(null),
  roles: listSchema.default([]),
  scope: listSchema.default([]),
  clearance: z.enum(clearances).default("clear"),
  purpose: z.string().nullable().default(null),
  region: z.string().optional(),
});

function toCaller(payload: JWTPayload, gatewayRegion: string): IdentifiedCaller {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    const names = claims.error.issues.map(({ path }) => String(path[0])).join(", ");
    throw refuse(`The token has claims of another form than expected: ${names}.`, claims.error);
  }
  const { sub, exp, tenant, roles, scope, clearance, purpose, region = gatewayRegion } = claims.data;
  return Object.freeze({
    kind: "identified",
    subject: sub,
    tenant,
    roles,
    scopes: scope,
    clearance,
    purpose,
    region,
    jurisdiction: toJurisdiction(region) ?? toJurisdiction(gatewayRegion) ?? "us",
    claims: otherClaims(payload),
    expiresAt: exp,
  });
}

/** Without those that have a meaning of their own (RFC 7519 §4.1, and above). */
function otherClaims(payload: JWTPayload): Readonly<Record<string, unknown>> {
  return Object.freeze(Object.fromEntries(Object.entries(payload).filter(([name]) => !ownClaims.has(name))));
}

const ownClaims: ReadonlySet<string> = new Set([
  ...["iss", "sub", "aud", "exp", "nbf", "iat", "jti"],
  ...["tenant", "roles", "scope", "clearance", "purpose", "region"],
]);

/** Region codes begin with the part of the world: `us-east`, `eu-west`, `sa-east`, `ap-south`. */
function toJurisdiction(region: string): Jurisdiction | undefined {
  const prefix = region.split("-")[0];
  if (prefix === "sa" || prefix === "br") return "br";
  return prefix === "us" || prefix === "eu" || prefix === "ap" ? prefix : undefined;
}

function refuse(message: string, cause?: unknown): AppError {
  return new AppError("UNAUTHENTICATED", 401, message, { cause });
}
