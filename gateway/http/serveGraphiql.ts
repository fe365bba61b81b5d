/** Serves the bundled GraphiQL from dist/clients/graphiql. Only files that were there at the start can be asked for. */
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyInstance, FastifyReply } from "fastify";

/** From gateway/http in the source tree, and from dist/gateway/http in the built one. */
const places = ["../../dist/clients/graphiql", "../../clients/graphiql"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".ttf": "font/ttf",
  ".svg": "image/svg+xml",
  ".map": "application/json",
};

/** No other origin, for sockets neither; styles inline because Monaco writes its own. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Returns whether there is a GraphiQL to serve: a checkout that was never built has none, and says so at its URL. */
export function serveGraphiql(app: FastifyInstance): boolean {
  // The sources have an index.html too; what tells the bundle is its assets.
  const folder = places.find((place) => existsSync(join(place, "assets")));
  if (folder === undefined) {
    app.get("/graphiql", (_request, reply) => {
      reply
        .code(404)
        .type("text/plain; charset=utf-8")
        .send("GraphiQL is not built: run npm run build:graphiql.");
    });
    return false;
  }
  app.get("/graphiql", (_request, reply) => sendFile(reply, folder, "index.html"));
  for (const file of listFiles(folder)) {
    app.get(`/graphiql/${file}`, (_request, reply) => sendFile(reply, folder, file));
  }
  app.get("/graphiql/", (_request, reply) => sendFile(reply, folder, "index.html"));
  return true;
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && contentTypes[extname(entry.name)] !== undefined)
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function sendFile(reply: FastifyReply, folder: string, file: string): FastifyReply {
  // Everything but the page has its content's hash in its name.
  const cacheControl = file.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  return reply
    .headers({
      "cache-control": cacheControl,
      "content-security-policy": contentSecurityPolicy,
      "x-content-type-options": "nosniff",
    })
    .type(contentTypes[extname(file)] ?? "application/octet-stream")
    .send(createReadStream(join(folder, file)));
}
