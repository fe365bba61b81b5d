/** The page at `/`: where a person with nothing but the URL finds the explorers, the documentation and a token. */
import type { FastifyInstance } from "fastify";

export type LandingPage = {
  readonly region: string;
  /** False where no tokens are verified: then nobody needs one. */
  readonly hasIdentity: boolean;
  readonly hasExplorer: boolean;
};

export function serveLandingPage(app: FastifyInstance, page: LandingPage): void {
  app.get("/", (request, reply) => {
    // The address that the person used is the one that their browser can reach.
    const endpoint = `${request.protocol}://${request.host}/graphql`;
    reply
      .headers({
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-cache",
      })
      .type("text/html; charset=utf-8")
      .send(render(endpoint, page));
  });
}

function render(endpoint: string, { region, hasIdentity, hasExplorer }: LandingPage): string {
  const sandbox = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(endpoint)}`;
  const explorers = hasExplorer
    ? `<li><a href="/graphiql">GraphiQL</a>: served from here, works without a network</li>
      <li><a href="${escapeHtml(sandbox)}">Apollo Sandbox</a>: loads from studio.apollographql.com and asks this gateway</li>`
    : "";
  const token = hasIdentity
    ? `<p>Send a token as <code>authorization: Bearer …</code>. In a checkout,
      <code>npm run -s token -- analyst</code> prints one for a demo user. Without a token you see what policy grants
      to anonymous callers.</p>`
    : "<p>This gateway verifies no tokens: every caller is anonymous.</p>";
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Atlas gateway</title>
    <style>
      body { font: 16px/1.6 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem; color: #1b2430; }
      code { background: #eef1f5; padding: .1em .3em; border-radius: 3px; }
      pre { background: #eef1f5; padding: 1rem; border-radius: 6px; overflow-x: auto; }
      a { color: #0b5cad; }
      @media (prefers-color-scheme: dark) {
        body { background: #10151c; color: #dde3ea; } code, pre { background: #1d2630; } a { color: #6db3f8; }
      }
    </style>
  </head>
  <body>
    <h1>Atlas gateway, ${escapeHtml(region)}</h1>
    <p>The graph is at <code>${escapeHtml(endpoint)}</code>, over HTTP, server-sent events and WebSocket
      (<code>graphql-transport-ws</code>).</p>
    <ul>
      ${explorers}
      <li><a href="/health/ready">State of this gateway and its subgraphs</a>, <a href="/metrics">metrics</a></li>
      <li>Documentation: <code>README.md</code>, <code>docs/architecture.md</code> and <code>docs/errors.md</code> of the checkout</li>
    </ul>
    <h2>A token</h2>
    ${token}
    <h2>From a shell</h2>
    <pre>curl ${escapeHtml(endpoint)} \\
  -H 'content-type: application/json' \\
  -d '{"query":"{ __typename }"}'</pre>
  </body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
