/** OpenID Connect as the local clients need it: code with PKCE, refresh with rotation, client credentials; JWTs by ES256. */
import { errors, Provider } from "oidc-provider";
import { listClients } from "./clients.ts";
import { demoUsers, scopes, serviceAccount, type TokenClaims } from "./demoUsers.ts";
import type { IssuerSecrets } from "./loadSecrets.ts";
import { pageHeaders, renderNotice } from "./signInPage.ts";

/** The graph, as a resource (RFC 8707). Tokens carry the audience that gateways are configured with. */
const graphResource = "urn:atlas:graph";
const audience = "atlas";

export type TokenLifetimes = {
  /** Default 3,600. */
  readonly accessTokenS?: number;
  /** Default 60. */
  readonly codeS?: number;
};

export function createProvider(
  issuer: string,
  secrets: IssuerSecrets,
  lifetimes: TokenLifetimes = {},
): Provider {
  const accessTokenS = lifetimes.accessTokenS ?? 3_600;
  const provider = new Provider(issuer, {
    clients: listClients(secrets.serviceSecret),
    // The only key is an EC key, and the library's default for ID tokens is RS256.
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    responseTypes: ["code"],
    jwks: { keys: [secrets.signingKey] },
    cookies: { keys: [secrets.cookieKey] },
    scopes: ["openid", "offline_access"],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
    ttl: {
      AccessToken: accessTokenS,
      ClientCredentials: accessTokenS,
      AuthorizationCode: lifetimes.codeS ?? 60,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: 86_400,
      Grant: 14 * 86_400,
      RefreshToken: 14 * 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => graphResource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_context, resource, client) => {
          if (resource !== graphResource) throw new errors.InvalidTarget();
          return {
            audience,
            scope: (client.clientId === "service" ? serviceAccount.scopes : scopes).join(" "),
            accessTokenFormat: "jwt",
            accessTokenTTL: accessTokenS,
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
    },
    renderError: async (context, { error, error_description }) => {
      context.set(pageHeaders);
      context.body = renderNotice(
        "This cannot be done",
        `${error}: ${error_description ?? "no reason given"}`,
      );
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: async (_context, id) =>
      Object.hasOwn(demoUsers, id) ? { accountId: id, claims: async () => ({ sub: id }) } : undefined,
    extraTokenClaims: async (_context, token) => ({
      ...(token.kind === "AccessToken" ? claimsOf(token.accountId) : serviceAccount.claims),
    }),
    // Signing in is consent enough here; a client gets what the user has of what it asks for.
    loadExistingGrant: async ({ oidc }) => {
      const { client, session } = oidc;
      const user = demoUsers[session?.accountId ?? ""];
      if (!client || !session?.accountId || !user) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid offline_access");
      grant.addResourceScope(graphResource, user.scopes.join(" "));
      grant.rejectResourceScope(
        graphResource,
        scopes.filter((scope) => !user.scopes.includes(scope)).join(" "),
      );
      await grant.save();
      return grant;
    },
    clientBasedCORS: (_context, origin) => isLoopback(origin),
  });
  return provider;
}

function claimsOf(accountId: string): TokenClaims | undefined {
  return Object.hasOwn(demoUsers, accountId) ? demoUsers[accountId]?.claims : undefined;
}

function isLoopback(origin: string): boolean {
  return URL.canParse(origin) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(origin).hostname);
}
