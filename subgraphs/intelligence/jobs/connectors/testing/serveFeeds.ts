/** An HTTP server on loopback that answers what a test says, and remembers what it was asked. */
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export type Reply = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export type Asked = { readonly url: string; readonly headers: IncomingHttpHeaders };

export type Feeds = AsyncDisposable & {
  readonly origin: string;
  /** What was asked for, in order; a test empties it. */
  readonly asked: Asked[];
  /** By path. A function sees the query and the headers. */
  readonly replies: Map<string, Reply | ((asked: Asked & { readonly query: URLSearchParams }) => Reply)>;
};

export async function serveFeeds(): Promise<Feeds> {
  const asked: Asked[] = [];
  const replies: Feeds["replies"] = new Map();
  const server = createServer(({ url = "/", headers }, response) => {
    asked.push({ url, headers });
    const { pathname, searchParams } = new URL(url, "http://feeds.example");
    const found = replies.get(pathname) ?? { status: 404 };
    const {
      status = 200,
      headers: sent,
      body,
    } = typeof found === "function" ? found({ url, headers, query: searchParams }) : found;
    response.writeHead(status, sent).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    replies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As servers of files do it: 304 to whoever has this very content. */
export function unlessKnown(body: Buffer) {
  const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
  return ({ headers }: Asked): Reply =>
    headers["if-none-match"] === etag ? { status: 304 } : { headers: { etag }, body };
}
