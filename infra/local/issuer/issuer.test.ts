/** The real issuer on a free port, and the gateway's own stage on the other side of its tokens. */
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { z } from "zod";
import { createIdentifyCaller, type IdentifyCaller } from "../../../gateway/stages/identifyCaller.ts";
import { phoneRedirectUri } from "./clients.ts";
import { demoUsers, serviceAccount } from "./demoUsers.ts";
import { getToken } from "./getToken.ts";
import { requestCode, requestTokens, signIn } from "./signIn.ts";
import { type RunningIssuer, startIssuer } from "./startIssuer.ts";

const readTokens = async (response: Response) =>
  z.object({ access_token: z.string(), refresh_token: z.string().default("") }).parse(await response.json());

describe("the local issuer", () => {
  let stateFolder: string;
  let issuer: RunningIssuer;
  let identify: IdentifyCaller;

  const start = async (lifetimes = {}) => startIssuer({ host: "127.0.0.1", port: 0, stateFolder, lifetimes });
  const trust = (url: string) =>
    createIdentifyCaller({
      identity: { issuer: url, audience: "atlas", jwksUrl: `${url}/jwks` },
      region: "us-east",
    });

  beforeAll(async () => {
    stateFolder = await mkdtemp(join(tmpdir(), "atlas-issuer-"));
    issuer = await start();
    identify = trust(issuer.url);
  });
  afterAll(async () => {
    await issuer.close();
    await rm(stateFolder, { recursive: true });
  });

  const redeem = async ({ code, verifier, clientId, redirectUri }: Awaited<ReturnType<typeof requestCode>>) =>
    requestTokens(issuer.url, {
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    });
  const refresh = (token: string, clientId = "terminal") =>
    requestTokens(issuer.url, { grant_type: "refresh_token", client_id: clientId, refresh_token: token });
  const authorize = (changes: Record<string, string | undefined>) => {
    const question = {
      client_id: "terminal",
      response_type: "code",
      redirect_uri: "http://127.0.0.1/signed-in",
      scope: "openid",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
      ...changes,
    };
    const given = Object.entries(question).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] satisfies [string, string]],
    );
    return fetch(`${issuer.url}/auth?${new URLSearchParams(given)}`, { redirect: "manual" });
  };

  test.each(Object.keys(demoUsers))("signs %s in, and the gateway believes the token", async (user) => {
    const { access_token, expires_in } = await signIn({ issuer: issuer.url, user });
    expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: "ES256", typ: "at+jwt" });
    expect(expires_in).toBe(3_600);
    const { claims, scopes } = demoUsers[user] ?? { claims: {}, scopes: [] };
    const caller = await identify({ authorization: `Bearer ${access_token}` });
    expect(caller).toMatchObject({ kind: "identified", subject: user, ...claims });
    expect([...caller.scopes].sort()).toEqual([...scopes].sort());
  });

  test("grants of what is asked only what the user has", async () => {
    const { scope } = await signIn({
      issuer: issuer.url,
      user: "analyst",
      scope: "openid signals:read compliance:read",
    });
    expect(scope).toBe("signals:read");
  });

  test.each([
    ["console", "http://127.0.0.1:4123/console/signed-in"],
    ["graphiql", "http://localhost:9999/graphiql/signed-in"],
    ["phone", phoneRedirectUri],
    ["phone", "http://127.0.0.1:8081/phone/signed-in"],
  ])("sends %s back to %s", async (clientId, redirectUri) => {
    await expect(signIn({ issuer: issuer.url, user: "phone", clientId, redirectUri })).resolves.toBeDefined();
  });

  test("sends nobody back to an address that the client has not registered", async () => {
    for (const redirect_uri of [
      "http://evil.test/signed-in",
      "http://127.0.0.1/elsewhere",
      "https://127.0.0.1/signed-in",
    ]) {
      const response = await authorize({ redirect_uri });
      expect(response.status).toBe(400);
      expect(response.headers.get("location")).toBeNull();
    }
  });

  test("insists on PKCE with S256", async () => {
    const errorOf = async (changes: Record<string, string | undefined>) =>
      new URL((await authorize(changes)).headers.get("location") ?? "").searchParams.get("error");
    expect(await errorOf({ code_challenge: undefined, code_challenge_method: undefined })).toBe(
      "invalid_request",
    );
    expect(await errorOf({ code_challenge_method: "plain" })).toBe("invalid_request");
  });

  test("redeems a code only with its verifier, its client and its address", async () => {
    const fresh = () => requestCode({ issuer: issuer.url, user: "analyst" });
    for (const changes of [
      { verifier: "w".repeat(43) },
      { clientId: "console" },
      { redirectUri: "http://127.0.0.1/console/signed-in" },
    ]) {
      const response = await redeem({ ...(await fresh()), ...changes });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_grant" });
    }
  });

  test("redeems a code once; the second time ends what the first began", async () => {
    const code = await requestCode({ issuer: issuer.url, user: "analyst" });
    const tokens = await readTokens(await redeem(code));
    expect((await redeem(code)).status).toBe(400);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
  });

  test("rotates refresh tokens; one that is used again ends its whole family", async () => {
    const first = await signIn({ issuer: issuer.url, user: "analyst" });
    const second = await readTokens(await refresh(first.refresh_token));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await identify({ authorization: `Bearer ${second.access_token}` })).toMatchObject({
      subject: "analyst",
    });

    const replayed = await refresh(first.refresh_token);
    expect(replayed.status).toBe(400);
    expect(await replayed.json()).toMatchObject({ error: "invalid_grant" });
    expect((await refresh(second.refresh_token)).status).toBe(400);
  });

  test("gives a refreshed token to the client that has it and to no other", async () => {
    const { refresh_token } = await signIn({ issuer: issuer.url, user: "analyst" });
    expect((await refresh(refresh_token, "console")).status).toBe(400);
  });

  test("gives the service client a token for its secret", async () => {
    const { serviceSecret } = JSON.parse(await readFile(join(stateFolder, "issuer.json"), "utf8"));
    const ask = (secret: string, form: Record<string, string> = {}) =>
      requestTokens(
        issuer.url,
        { grant_type: "client_credentials", scope: "signals:read signals:write", ...form },
        { authorization: `Basic ${Buffer.from(`service:${secret}`).toString("base64")}` },
      );
    const answer = await ask(serviceSecret);
    expect(answer.status).toBe(200);
    const caller = await identify({ authorization: `Bearer ${(await readTokens(answer)).access_token}` });
    expect(caller).toMatchObject({
      subject: "service",
      scopes: ["signals:read", "signals:write"],
      ...serviceAccount.claims,
    });

    expect((await ask("wrong")).status).toBe(401);
    const beyond = await readTokens(await ask(serviceSecret, { scope: "compliance:write signals:read" }));
    expect(decodeJwt(beyond.access_token).scope).toBe("signals:read");
  });

  test("gives public clients no token without a user", async () => {
    const response = await requestTokens(issuer.url, {
      grant_type: "client_credentials",
      client_id: "terminal",
    });
    expect(response.status).toBe(400);
  });

  test("issues tokens that end when they say", async () => {
    const brief = await start({ accessTokenS: 1, codeS: 1 });
    const { access_token } = await signIn({ issuer: brief.url, user: "analyst" });
    const { exp = 0, iat = 0 } = decodeJwt(access_token);
    expect(exp - iat).toBe(1);
    const later = createIdentifyCaller({
      identity: { issuer: brief.url, audience: "atlas", jwksUrl: `${brief.url}/jwks` },
      region: "us-east",
      now: () => (exp + 61) * 1_000,
    });
    await expect(later({ authorization: `Bearer ${access_token}` })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      message: "The token has expired.",
    });
    const { code, verifier, clientId, redirectUri } = await requestCode({
      issuer: brief.url,
      user: "analyst",
    });
    await sleep(2_100);
    const response = await requestTokens(brief.url, {
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code,
      code_verifier: verifier,
    });
    expect(response.status).toBe(400);
    await brief.close();
  });

  test("does not pass an ID token off as a token for the graph", async () => {
    const { id_token } = await signIn({ issuer: issuer.url, user: "admin" });
    await expect(identify({ authorization: `Bearer ${id_token}` })).rejects.toMatchObject({
      message: "The token is for another audience.",
    });
  });

  test("knows nobody beyond the demo users", async () => {
    for (const user of ["root", "", "__proto__", "constructor"]) {
      await expect(signIn({ issuer: issuer.url, user })).rejects.toThrow("status 400");
    }
  });

  test("gives the terminal a token by name, or says what to do", async () => {
    expect(decodeJwt(await getToken("officer", issuer.url))).toMatchObject({ sub: "officer", aud: "atlas" });
    const names = "Expected one of analyst, analyst-eu, officer, admin, engineer, phone";
    await expect(getToken(undefined, issuer.url)).rejects.toThrow(`${names}.`);
    await expect(getToken("root", issuer.url)).rejects.toThrow(`${names}; got "root".`);
    await expect(getToken("anonymous", issuer.url)).rejects.toThrow("need no token");
    await expect(getToken("analyst", undefined)).rejects.toThrow("`npm start` starts it");
    await expect(getToken("analyst", "http://127.0.0.1:1")).rejects.toThrow("is it still running?");
  });

  test("shows a page that loads nothing from anywhere", async () => {
    const first = await authorize({});
    const cookie = first.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const page = await fetch(new URL(first.headers.get("location") ?? "", issuer.url), {
      headers: { cookie },
    });
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(html).not.toMatch(/https?:\/\//);
    for (const name of Object.keys(demoUsers)) expect(html).toContain(`value="${name}"`);
  });

  test("ends a sign-in that has no interaction, without a stack", async () => {
    const response = await fetch(`${issuer.url}/interaction/unknown`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("This sign-in has ended");
  });

  test("keeps its key in a file for its owner alone, so tokens outlive a restart", async () => {
    expect((await stat(join(stateFolder, "issuer.json"))).mode & 0o077).toBe(0);
    const keysOf = async ({ url }: RunningIssuer) => (await fetch(`${url}/jwks`)).json();
    const before = await keysOf(issuer);
    const again = await start();
    expect(await keysOf(again)).toEqual(before);
    expect(JSON.stringify(before)).not.toContain('"d"');
    await again.close();
  });

  test("answers browsers of this machine and no others", async () => {
    const allowed = async (origin: string) =>
      (
        await requestTokens(
          issuer.url,
          { grant_type: "refresh_token", client_id: "console", refresh_token: "x" },
          { origin },
        )
      ).headers.get("access-control-allow-origin");
    expect(await allowed("http://127.0.0.1:4000")).toBe("http://127.0.0.1:4000");
    expect(await allowed("https://evil.test")).toBeNull();
  });
});
