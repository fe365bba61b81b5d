/** The applications that may ask the local issuer for tokens. */
import type { ClientMetadata } from "oidc-provider";

/**
 * `native` because the ports of one machine move: only native clients may come back to any port of a loopback
 * address (RFC 8252 §7.3).
 */
const publicClient = {
  application_type: "native",
  token_endpoint_auth_method: "none",
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token"],
} as const;

const loopback = (path: string) => [`http://127.0.0.1${path}`, `http://localhost${path}`];

export const phoneRedirectUri = "com.atlas.mobile:/signed-in";

export function listClients(serviceSecret: string): ClientMetadata[] {
  return [
    { ...publicClient, client_id: "console", redirect_uris: loopback("/console/signed-in") },
    { ...publicClient, client_id: "graphiql", redirect_uris: loopback("/graphiql/signed-in") },
    {
      ...publicClient,
      client_id: "phone",
      redirect_uris: [phoneRedirectUri, ...loopback("/phone/signed-in")],
    },
    { ...publicClient, client_id: "terminal", redirect_uris: loopback("/signed-in") },
    {
      client_id: "service",
      client_secret: serviceSecret,
      token_endpoint_auth_method: "client_secret_basic",
      response_types: [],
      redirect_uris: [],
      grant_types: ["client_credentials"],
    },
  ];
}
