import { createHash } from "node:crypto";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { defaultOpenOptions, type OpenOptions, openLocation } from "./openLocation.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atlas-open-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a file", () => {
  test("is read, hashed, and dated by the file system", async () => {
    const path = await write("plain", "hello");
    await utimes(path, 0, new Date("2026-01-02T03:04:05Z"));
    const { text, sha256, updatedAt } = await readAll(path);
    expect(text).toBe("hello");
    expect(sha256).toBe(createHash("sha256").update("hello").digest("hex"));
    expect(updatedAt).toEqual(new Date("2026-01-02T03:04:05Z"));
  });

  test("is unpacked when it is gzip, whatever it is called; the hash is of what was sent", async () => {
    const packed = gzipSync("hello".repeat(1_000));
    const { text, sha256 } = await readAll(await write("packed", packed));
    expect(text).toHaveLength(5_000);
    expect(sha256).toBe(createHash("sha256").update(packed).digest("hex"));
  });

  test("that is cut off gzip breaks off, and has no hash", async () => {
    const packed = gzipSync(Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251)));
    const opened = await openLocation(await write("cut", packed.subarray(0, -20)), defaultOpenOptions);
    await expect(drain(opened.bytes)).rejects.toMatchObject({ code: "FILE_BROKEN" });
    await opened.close();
  });

  test("that unpacks to more than is allowed is cut off", async () => {
    const path = await write("bomb", gzipSync(Buffer.alloc(10_000_000)));
    await expect(readAll(path, { bytesMax: 1_000_000 })).rejects.toMatchObject({ code: "FILE_TOO_LARGE" });
  });

  test("that is not there, or is a folder, is told by name", async () => {
    await expect(readAll(join(folder, "none"))).rejects.toThrow(
      `expected a file at ${join(folder, "none")}; there is none`,
    );
    await expect(readAll(folder)).rejects.toMatchObject({ code: "LOCATION_NOT_FOUND" });
  });
});

describe("a URL", () => {
  test("to a host that is not public is refused before anything is sent", async () => {
    let requests = 0;
    await using server = await serve((_request, response) => {
      requests++;
      response.end("secret");
    });
    await expect(readAll(server.url)).rejects.toMatchObject({ code: "LOCATION_REFUSED" });
    await expect(readAll(server.url.replace("127.0.0.1", "localhost"))).rejects.toThrow(
      "expected a public host",
    );
    expect(requests).toBe(0);
  });

  test("is read when private hosts are allowed, and dated by the server", async () => {
    await using server = await serve((_request, response) => {
      response.setHeader("last-modified", "Mon, 02 Mar 2026 10:00:00 GMT");
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync("hello"));
    });
    const { text, updatedAt } = await readAll(server.url, { allowPrivate: true });
    expect(text).toBe("hello");
    expect(updatedAt).toEqual(new Date("2026-03-02T10:00:00Z"));
  });

  test("follows redirects, but neither for ever nor to a file", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/there") response.end("here");
      else
        response
          .writeHead(302, {
            location:
              request.url === "/file" ? "file:///etc/passwd" : request.url === "/" ? "/there" : "/loop",
          })
          .end();
    });
    const options = { allowPrivate: true };
    expect((await readAll(server.url, options)).text).toBe("here");
    await expect(readAll(`${server.url}loop`, options)).rejects.toThrow("expected at most 5 redirects");
    await expect(readAll(`${server.url}file`, options)).rejects.toThrow("expected");
  });

  test("that answers with an error, or not at all, is told without its secrets", async () => {
    await using server = await serve((_request, response) => response.writeHead(404).end());
    const options = { allowPrivate: true };
    await expect(readAll(`${server.url}feed?key=secret`, options)).rejects.toThrow(
      `expected ${server.url}feed to answer 200; got 404`,
    );
    await expect(readAll("http://127.0.0.1:1/", options)).rejects.toMatchObject({
      code: "LOCATION_NOT_FOUND",
    });
  });

  test("whose answer is cut off breaks off", async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 1_000 });
      response.write("part", () => response.destroy());
    });
    await expect(readAll(server.url, { allowPrivate: true })).rejects.toMatchObject({ code: "FILE_BROKEN" });
  });
});

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function readAll(location: string, options: Partial<OpenOptions> = {}) {
  const opened = await openLocation(location, { ...defaultOpenOptions, ...options });
  try {
    const text = await drain(opened.bytes);
    return { text, sha256: opened.sha256(), updatedAt: opened.updatedAt };
  } finally {
    await opened.close();
  }
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function serve(answer: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A TCP server has one.
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
