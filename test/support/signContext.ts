/** Signs the context that a gateway would send, so that a subgraph can be asked directly; also a wrong one. */
import { randomUUID } from "node:crypto";
import { CompactSign } from "jose";
import { deriveContextKey } from "../../gateway/stages/signContext.ts";

export type ContextClaims = {
  readonly sub: string | null;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly scope: readonly string[];
  readonly clearance: string;
  readonly purpose: string | null;
  readonly jurisdiction: string;
  readonly region: string;
  readonly anonymous: boolean;
  /** Which rows of lists may be seen, by type. */
  readonly filters: Readonly<Record<string, unknown>>;
};

export type ContextOptions = {
  /** The gateway's secret, from which the key of `audience` is derived. */
  readonly secret: Uint8Array;
  readonly audience: string;
  readonly claims?: Partial<ContextClaims>;
  /** Seconds since the epoch. */
  readonly issuedAt?: number;
};

const everyRole: ContextClaims = {
  sub: "analyst",
  tenant: "acme",
  roles: ["analyst", "administrator", "compliance_officer", "platform_engineer"],
  scope: [],
  clearance: "red",
  purpose: "research",
  jurisdiction: "us",
  region: "us-east",
  anonymous: false,
  filters: Object.fromEntries(
    [
      ...["DataSubject", "Signal", "RiskAssessment", "Scenario", "ScenarioRun", "Prediction"],
      ...["Violation", "Evidence", "Device", "Notification", "OfflineMutation"],
    ].map((type) => [type, "all"]),
  ),
};

/** The value of the header `atlas-context`; by default of a caller who may do everything. */
export async function signContext({ secret, audience, claims, issuedAt }: ContextOptions): Promise<string> {
  const iat = issuedAt ?? Math.floor(Date.now() / 1_000);
  const payload = {
    ...everyRole,
    ...claims,
    iss: "atlas-gateway",
    aud: audience,
    iat,
    exp: iat + 30,
    jti: randomUUID(),
    op: randomUUID(),
    dec: randomUUID(),
  };
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "HS256", typ: "atlas-context+jwt" })
    .sign(deriveContextKey(secret, audience));
}
