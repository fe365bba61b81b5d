/** Downloads what is served, again and again: asks with the ETag of the last answer, so nothing is sent twice. */
import { request } from "undici";

/** Large ones are megabytes; a server that hangs must not hang the start. */
const timeoutMs = 30_000;

/** Rejects with an Error that names the URL and what was expected. The same Buffer as long as the server says so. */
export function createDownload(url: string, accept: string): () => Promise<Buffer> {
  let last: { readonly etag: string; readonly content: Buffer } | undefined;
  return async () => {
    const response = await request(url, {
      headers: { accept, ...(last ? { "if-none-match": last.etag } : {}) },
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new Error(`${url}: does not answer`, { cause });
    });
    const { statusCode, headers, body } = response;
    if (statusCode === 304 && last) {
      await body.dump();
      return last.content;
    }
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`${url}: expected status 200, came ${statusCode}`);
    }
    const content = await readBody(url, body);
    last = typeof headers.etag === "string" ? { etag: headers.etag, content } : undefined;
    return content;
  };
}

async function readBody(url: string, body: { arrayBuffer: () => Promise<ArrayBuffer> }): Promise<Buffer> {
  try {
    return Buffer.from(await body.arrayBuffer());
  } catch (cause) {
    throw new Error(`${url}: does not answer`, { cause });
  }
}
