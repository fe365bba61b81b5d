/**
 * Signs a demo user in as a browser would: authorization code with PKCE (RFC 7636), over HTTP, with cookies and
 * redirects. For the terminal and for tests; it knows nothing that a client of the issuer does not know.
 */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { scopes } from "./demoUsers.ts";

export type SignInOptions = {
  readonly issuer: string;
  readonly user: string;
  readonly clientId?: string;
  readonly redirectUri?: string;
  /** Default: everything the graph asks for; the issuer grants what the user has of it. */
  readonly scope?: string;
};

export type AuthorizationCode = {
  readonly code: string;
  /** Only who has it can redeem the code. */
  readonly verifier: string;
  readonly clientId: string;
  readonly redirectUri: string;
};

export type Tokens = z.infer<typeof tokensSchema>;

const tokensSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  id_token: z.string(),
  expires_in: z.number(),
  scope: z.string(),
});

const redirectsMax = 5;

/** Throws with what the issuer answered when it refuses. */
export async function signIn(options: SignInOptions): Promise<Tokens> {
  const { code, verifier, clientId, redirectUri } = await requestCode(options);
  const answer = await requestTokens(options.issuer, {
    grant_type: "authorization_code",
    client_id: clientId,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
  return tokensSchema.parse(await answer.json());
}

export async function requestCode({
  issuer,
  user,
  clientId = "terminal",
  redirectUri = "http://127.0.0.1/signed-in",
  scope = ["openid", ...scopes].join(" "),
}: SignInOptions): Promise<AuthorizationCode> {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const question = new URLSearchParams({
    client_id: clientId,
    response_type: "code",
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const browser = createBrowser(issuer, redirectUri);
  const page = await browser.get(`/auth?${question}`);
  const answer = new URL(await browser.post(page, new URLSearchParams({ user })));
  const code = answer.searchParams.get("code");
  if (answer.searchParams.get("state") !== state || code === null) {
    throw new Error(
      `The issuer answered ${answer.searchParams.get("error_description") ?? "without a code"}.`,
    );
  }
  return { code, verifier, clientId, redirectUri };
}

export async function requestTokens(
  issuer: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(form), headers });
}

/** Follows redirects with their cookies, until it is sent back to the client or shown a page. Answers where it is. */
function createBrowser(issuer: string, redirectUri: string) {
  const cookies = new Map<string, string>();

  async function open(address: string, init: RequestInit, redirects = 0): Promise<string> {
    const url = new URL(address, issuer);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = line.split(";")[0]?.split("=") ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location?.startsWith(redirectUri)) return location;
    if (location === null) {
      if (response.ok) return url.href;
      throw new Error(`The issuer refused with status ${response.status} at ${url.pathname}.`);
    }
    if (redirects >= redirectsMax) throw new Error("The issuer redirects without end.");
    return open(location, { method: "GET" }, redirects + 1);
  }

  return {
    get: (address: string) => open(address, { method: "GET" }),
    post: (address: string, body: URLSearchParams) => open(address, { method: "POST", body }),
  };
}
