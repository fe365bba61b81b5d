/**
 * What the gateway tells a subgraph about a call, signed for that subgraph alone: each has its own key, so one that
 * is taken over cannot speak to another (DESIGN "Identity and trust").
 */
import { createHmac, hkdfSync, randomUUID } from "node:crypto";
import type { Filters } from "./grantFilters.ts";
import type { Caller } from "./identifyCaller.ts";

export type ContextToSign = {
  readonly subgraph: string;
  readonly caller: Caller;
  readonly operationId: string;
  readonly decisionId: string;
  /** Which rows of lists the caller may see. */
  readonly filters: Filters;
};

/** A compact JWS (HS256) for the header `atlas-context`. */
export type SignContext = (context: ContextToSign) => string;

const lifetimeS = 30;
const header = encode({ alg: "HS256", typ: "atlas-context+jwt" });

export function createContextSigner(secret: Uint8Array, now: () => number = Date.now): SignContext {
  const keys = new Map<string, Uint8Array>();

  // By node:crypto rather than jose: this runs for every fetch, and WebCrypto's way through the thread pool
  // costs about ten times the signature. Verifiers use jose.
  return ({ subgraph, caller, operationId, decisionId, filters }) => {
    const key = keys.get(subgraph) ?? deriveContextKey(secret, subgraph);
    keys.set(subgraph, key);
    const issuedAt = Math.floor(now() / 1_000);
    const content = `${header}.${encode({
      iss: "atlas-gateway",
      aud: subgraph,
      iat: issuedAt,
      exp: issuedAt + lifetimeS,
      jti: randomUUID(),
      sub: caller.subject,
      tenant: caller.tenant,
      roles: caller.roles,
      scope: caller.scopes,
      clearance: caller.clearance,
      purpose: caller.purpose,
      jurisdiction: caller.jurisdiction,
      region: caller.region,
      filters,
      op: operationId,
      dec: decisionId,
      anonymous: caller.kind === "anonymous",
    })}`;
    return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
  };
}

/** The launcher gives each subgraph its own key by the same derivation (RFC 5869); the secret stays with the gateway. */
export function deriveContextKey(secret: Uint8Array, subgraph: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `atlas-context:${subgraph}`, 32));
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
