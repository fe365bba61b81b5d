/**
 * Serves the local issuer: oidc-provider, our own page to sign in on, and health. For one machine and its demo users;
 * in production any OIDC issuer with a JWKS takes its place.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { errors, type Provider } from "oidc-provider";
import { createProvider, type TokenLifetimes } from "./createProvider.ts";
import { demoUsers } from "./demoUsers.ts";
import { loadSecrets } from "./loadSecrets.ts";
import { pageHeaders, renderNotice, renderSignInPage } from "./signInPage.ts";

export type IssuerOptions = {
  readonly host: string;
  readonly port: number;
  readonly stateFolder: string;
  readonly lifetimes?: TokenLifetimes;
  readonly onFault?: (cause: unknown) => void;
};

export type RunningIssuer = {
  /** The `iss` of its tokens. */
  readonly url: string;
  readonly close: () => Promise<void>;
};

const formBytesMax = 4_096;

/** Rejects when the port is taken or the state folder cannot be used. */
export async function startIssuer(options: IssuerOptions): Promise<RunningIssuer> {
  const { host, port, stateFolder, lifetimes, onFault = () => {} } = options;
  const secrets = await loadSecrets(stateFolder);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  // The issuer's name holds its port, which may only be known now.
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const provider = createProvider(url, secrets, lifetimes);
  provider.on("server_error", (_context, error) => onFault(error));
  const serveProtocol = provider.callback();
  server.on("request", (request, response) => {
    if (request.url?.startsWith("/health/")) return serveHealth(response);
    if (request.url?.startsWith("/interaction/")) {
      return void signIn(provider, request, response).catch((error: unknown) =>
        refuse(response, error, onFault),
      );
    }
    void serveProtocol(request, response);
  });
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** GET shows who can be chosen, POST takes the choice; the interaction's cookie ties both to one browser. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === "consent") {
    // Only where a client insists on it with prompt=consent; what there is to grant is in loadExistingGrant.
    return provider.interactionFinished(
      request,
      response,
      { consent: {} },
      { mergeWithLastSubmission: true },
    );
  }
  if (request.method !== "POST") {
    response.writeHead(200, pageHeaders).end(renderSignInPage(String(params.client_id)));
    return;
  }
  const user = new URLSearchParams(await readForm(request)).get("user") ?? "";
  if (!Object.hasOwn(demoUsers, user)) {
    const expected = Object.keys(demoUsers).join(", ");
    response
      .writeHead(400, pageHeaders)
      .end(renderNotice("Nobody of that name", `Expected one of ${expected}.`));
    return;
  }
  await provider.interactionFinished(request, response, { login: { accountId: user } });
}

async function readForm(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > formBytesMax)
      throw new errors.InvalidRequest(`expected a form of at most ${formBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function refuse(response: ServerResponse, error: unknown, onFault: (cause: unknown) => void): void {
  const isCallers = error instanceof errors.OIDCProviderError && error.statusCode < 500;
  if (!isCallers) onFault(error);
  if (response.headersSent) return void response.end();
  response
    .writeHead(isCallers ? 400 : 500, pageHeaders)
    .end(renderNotice("This sign-in has ended", "Go back to the application and start again."));
}

function serveHealth(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ready"}');
}
