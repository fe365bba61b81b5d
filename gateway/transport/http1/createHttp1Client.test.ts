/** What the client does on real sockets; what one answer may look like is in readAnswer.test.ts. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import type { ReceivedAnswer } from "../httpClient.ts";
import { selfSign } from "../testing/selfSign.ts";
import { createHttp1Client } from "./createHttp1Client.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const limits = { headersTimeoutMs: 5_000, bodyTimeoutMs: 5_000, answerBytesMax: 10_000_000 };

async function listen(server: Server, scheme = "http"): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  return `${scheme}://127.0.0.1:${port}`;
}

function open(origin: string, { connectionsMax = 100, ca }: { connectionsMax?: number; ca?: string } = {}) {
  const client = createHttp1Client({ origin, connectTimeoutMs: 5_000, connectionsMax, ca });
  closers.push(client.close);
  const send = (body: string | Uint8Array = "{}", headers: Record<string, string> = {}) => {
    let hangUp = (_reason: Error) => {};
    const answer = new Promise<ReceivedAnswer>((resolve, reject) => {
      const request = { path: "/graphql", headers, body, isRepeatable: true };
      hangUp = client.post(request, limits, { onAnswer: resolve, onFailure: reject });
    });
    return { answer, hangUp };
  };
  return { client, send };
}

/** Answers what was sent. */
const echo: RequestListener = (request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (piece: Buffer) => pieces.push(piece));
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    if (body.length % 2 === 0) response.setHeader("content-length", body.length);
    response.end(body);
  });
};

function countConnections(server: Server): () => number {
  let count = 0;
  server.on("connection", () => {
    count += 1;
  });
  return () => count;
}

test("answers never mix: many at once, of any size, each has its own", async () => {
  const { send } = open(await listen(createServer(echo)), { connectionsMax: 8 });
  const bodies = Array.from({ length: 400 }, (_, index) =>
    `${index}:`.padEnd(1 + ((index * 7_919) % 150_000), String.fromCharCode(33 + (index % 200))),
  );
  const answers = await Promise.all(bodies.map((body) => send(body).answer));
  // Read only now, when all have come: none may have been written over.
  answers.forEach(({ bytes }, index) => {
    expect(bytes.toString("latin1") === bodies[index]).toBe(true);
  });
});

test("a body of text is sent byte by character, one of bytes as it is, each with its length", async () => {
  const { send } = open(await listen(createServer(echo)));
  expect((await send("\xe9\x00\xff").answer).bytes).toEqual(Buffer.from([0xe9, 0, 0xff]));
  expect((await send(new Uint8Array([1, 2, 200])).answer).bytes).toEqual(Buffer.from([1, 2, 200]));
});

test("connections are kept, and no more of them than may be", async () => {
  const server = createServer(echo);
  const connections = countConnections(server);
  const { send } = open(await listen(server), { connectionsMax: 3 });
  for (let at = 0; at < 5; at += 1) await send().answer;
  expect(connections()).toBe(1);
  await Promise.all(Array.from({ length: 30 }, () => send().answer));
  expect(connections()).toBeLessThanOrEqual(3);
});

test("a connection is not used any more when its server is about to close it", async () => {
  const server = createServer(echo);
  // Told as `keep-alive: timeout=1`, which is too soon to trust it.
  server.keepAliveTimeout = 1_000;
  const connections = countConnections(server);
  const { send } = open(await listen(server));
  await send().answer;
  await send().answer;
  expect(connections()).toBe(2);
});

test("what comes without being asked for is no answer to the next request", async () => {
  const answer = (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
  let connections = 0;
  let hungUp: Promise<unknown> = Promise.resolve();
  const server = createTcpServer((socket) => {
    connections += 1;
    if (connections === 1) hungUp = once(socket, "close");
    socket.on("data", () => socket.write(answer("asked")));
    socket.once("data", () => setTimeout(() => socket.write(answer("smuggled")), 20));
  });
  const { send } = open(await listen(server));
  expect((await send().answer).bytes.toString()).toBe("asked");
  await hungUp;
  expect((await send().answer).bytes.toString()).toBe("asked");
  // Two at once in one piece are seen as well.
  const double = createTcpServer((socket) => {
    connections += 10;
    socket.on("data", () => socket.write(answer("asked") + answer("smuggled")));
  });
  const { send: sendToDouble } = open(await listen(double));
  for (let at = 0; at < 3; at += 1) expect((await sendToDouble().answer).bytes.toString()).toBe("asked");
  expect(connections).toBe(2 + 30);
});

test("hanging up ends the request, whether it waits or is under way, and leaves the others", async () => {
  const left = new Set<string>();
  const server = createServer((request, response) => {
    response.on("close", () => left.add(String(request.headers["x-number"])));
    if (request.headers["x-number"] !== "1") response.end("good");
  });
  const { client, send } = open(await listen(server), { connectionsMax: 1 });
  const stuck = send("{}", { "x-number": "1" });
  const waiting = send("{}", { "x-number": "2" });
  const last = send("{}", { "x-number": "3" });
  waiting.hangUp(new Error("left"));
  stuck.hangUp(new Error("left"));
  expect((await last.answer).bytes.toString()).toBe("good");
  await client.close();
  expect(left.has("2")).toBe(false);
});

test("closing waits for what is under way, and takes nothing more", async () => {
  let answer = () => {};
  const server = createServer((_request, response) => {
    answer = () => response.end("good");
  });
  const asked = once(server, "request");
  const { client, send } = open(await listen(server));
  const running = send();
  await asked;
  let isClosed = false;
  const closing = client.close().then(() => {
    isClosed = true;
  });
  await expect(send().answer).rejects.toMatchObject({ kind: "unanswered" });
  expect(isClosed).toBe(false);
  answer();
  expect((await running.answer).bytes.toString()).toBe("good");
  await closing;
});

test.each([
  ["a line break in a value", { "x-tenant": "a\r\nx: b" }],
  ["a character beyond a byte", { "x-tenant": "\u{1f600}" }],
  ["a colon in a name", { "x:y": "a" }],
  ["a length of its own", { "content-length": "1" }],
  ["another framing", { "transfer-encoding": "chunked" }],
])("%s is not sent", async (_title, headers) => {
  const server = createServer(echo);
  const connections = countConnections(server);
  const { send } = open(await listen(server));
  await expect(send("{}", headers).answer).rejects.toMatchObject({ kind: "unsendable" });
  expect(connections()).toBe(0);
});

test("an answer without a length is whole when its server ends the connection, and one with a length is not", async () => {
  const heads = ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"];
  const server = createTcpServer(
    (socket) => void socket.once("data", () => socket.end(`${heads.shift()}{}`)),
  );
  const { send } = open(await listen(server));
  expect((await send().answer).bytes.toString()).toBe("{}");
  await expect(send().answer).rejects.toMatchObject({ kind: "broken" });
});

test("a server that answers before it has read all is not sent anything more on that connection", async () => {
  const server = createServer((_request, response) => response.writeHead(413).end("too much"));
  const connections = countConnections(server);
  const { send } = open(await listen(server));
  for (let at = 0; at < 2; at += 1) {
    const { status } = await send("x".repeat(8_000_000)).answer;
    expect(status).toBe(413);
  }
  expect(connections()).toBe(2);
});

test("speaks TLS with an origin that its authority vouches for, and with no other", async () => {
  const { key, cert } = selfSign("127.0.0.1");
  const origin = await listen(createTlsServer({ key, cert }, echo), "https");
  const trusted = open(origin, { ca: cert });
  const long = "x".repeat(300_000);
  expect((await trusted.send(long).answer).bytes.toString()).toBe(long);
  await expect(open(origin).send().answer).rejects.toMatchObject({ kind: "unanswered" });
});
