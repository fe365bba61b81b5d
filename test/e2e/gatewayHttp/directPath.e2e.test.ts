/** Most requests do not pass Fastify (gateway/http/directPath.ts); a question mark behind the path sends one through it. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { createDisposer } from "../../support/createDisposer.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const disposer = createDisposer();
let shop: Bookshop;
let gateway: TestGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  gateway = disposer.use(
    await startGateway(shop.sdl, { ATLAS_BODY_BYTES_MAX: "20000", ATLAS_COMPRESS_BYTES_MIN: "1" }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string>>;
const json = { "content-type": "application/json" };
const ask = (query: string) => JSON.stringify({ query });

async function post(path: string, headers: Headers, body: string) {
  const answer = await request(`${gateway.url}${path}`, { method: "POST", headers, body });
  // Only these differ from one request to the next.
  const { date, "x-request-id": id, ...rest } = answer.headers;
  const text = Buffer.from(await answer.body.arrayBuffer()).toString("latin1");
  return {
    status: answer.statusCode,
    headers: rest,
    text,
    isDated: date !== undefined,
    hasId: id !== undefined,
  };
}

describe("answers as Fastify does", () => {
  test.each<[string, Headers, string]>([
    ["a query", json, ask("{ books { isbn title } }")],
    ["one that is not valid", json, ask("{ nobody }")],
    ["one with an error status", { ...json, accept: "application/graphql-response+json" }, ask("{ nobody }")],
    ["something that is not JSON", json, "{"],
    ["nothing", json, ""],
    ["another content type", { "content-type": "text/plain" }, ask("{ books { isbn } }")],
    ["no content type", {}, ask("{ books { isbn } }")],
    ["an accept header that nothing fits", { ...json, accept: "image/png" }, ask("{ books { isbn } }")],
    ["an answer to be packed", { ...json, "accept-encoding": "gzip" }, ask("{ books { isbn title } }")],
    ["an array of requests", json, `[${ask("{ books { isbn } }")}]`],
    ["an event stream of one answer", { ...json, accept: "text/event-stream" }, ask("{ books { isbn } }")],
    ["a body that is too large", json, ask(`{ books { isbn } } #${"x".repeat(30_000)}`)],
    ["a page of another origin", { ...json, origin: "https://other.example" }, ask("{ books { isbn } }")],
  ])("to %s", async (_title, headers, body) => {
    const direct = await post("/graphql", headers, body);
    expect(direct).toEqual(await post("/graphql?", headers, body));
    expect(direct).toMatchObject({ isDated: true, hasId: true });
  });

  test("and keeps a request id that it is given", async () => {
    const headers = { ...json, "x-request-id": "request-12345" };
    for (const path of ["/graphql", "/graphql?"]) {
      const answer = await request(`${gateway.url}${path}`, {
        method: "POST",
        headers,
        body: ask("{ __typename }"),
      });
      expect(answer.headers["x-request-id"]).toBe("request-12345");
      await answer.body.dump();
    }
  });
});

test("requests sent one behind the other are answered in turn, and not ahead of a client that does not read", async () => {
  const { port } = new URL(gateway.url);
  const toRequest = (query: string) => {
    const body = ask(query);
    return `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  const reading = connect(Number(port), "127.0.0.1");
  reading.write(
    toRequest("{ one: __typename }") + toRequest("{ two: __typename }") + toRequest("{ three: __typename }"),
  );
  let read = "";
  for await (const piece of reading) {
    read += String(piece);
    if (read.includes("three")) break;
  }
  expect(read.match(/"(one|two|three)":/g)).toEqual(['"one":', '"two":', '"three":']);

  const before = shop.seen.headers.length;
  const idle = connect(Number(port), "127.0.0.1").pause();
  // More than all the buffers on the way hold.
  idle.write(toRequest("{ huge(bytes: 8000000) }").repeat(30));
  const others = 10;
  for (let at = 0; at < others; at += 1) await post("/graphql", json, ask("{ books { isbn } }"));
  expect(shop.seen.headers.length - before - others).toBeLessThanOrEqual(2);
  idle.destroy();
});

test("a body in pieces is one body, and a client that leaves in the middle keeps nobody waiting", async () => {
  const body = ask("{ books { isbn } }");
  const { port } = new URL(gateway.url);
  const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const whole = connect(Number(port), "127.0.0.1");
  whole.write(head + body.slice(0, 9));
  const leaving = connect(Number(port), "127.0.0.1");
  leaving.write(head + body.slice(0, 9), () => leaving.destroy());
  await once(leaving, "close");
  whole.write(body.slice(9));
  const [answer] = await once(whole, "data");
  expect(String(answer)).toContain('"isbn"');
  whole.destroy();
  await gateway.close();
  const draining = gateway.log.find((line) => line.includes("gateway draining"));
  expect(JSON.parse(draining ?? "{}")).toMatchObject({ inFlight: 0 });
});
