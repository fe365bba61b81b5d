/** A process that stands still, here by waiting for another thread, does not find others late that were in time. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { withinScope } from "./callScope.ts";
import { exchange } from "./exchange.ts";
import { createHttp1Client } from "./http1/createHttp1Client.ts";
import type { HttpClient } from "./httpClient.ts";

/** Counts the answers that it has handed to the system. */
const server = `
  const { createServer } = require("node:http");
  const { parentPort, workerData } = require("node:worker_threads");
  createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    request.resume().on("end", () => response.end("good"));
    response.on("finish", () => { Atomics.add(workerData, 0, 1); Atomics.notify(workerData, 0); });
  }).listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });
`;
const answered = new Int32Array(new SharedArrayBuffer(4));
const generous = { headersTimeoutMs: 60_000, bodyTimeoutMs: 60_000, answerBytesMax: 1_000 };
const short = 30;
const request = { path: "/", headers: {}, body: "{}", isRepeatable: true };
let worker: Worker;
let origin: string;

beforeAll(async () => {
  worker = new Worker(server, { eval: true, workerData: answered });
  origin = `http://127.0.0.1:${(await once(worker, "message"))[0]}`;
});
afterAll(() => worker.terminate());

async function withClient(
  connectTimeoutMs: number,
  work: (client: HttpClient) => Promise<void>,
): Promise<void> {
  const client = createHttp1Client({ origin, connectTimeoutMs, connectionsMax: 1, ca: undefined });
  await work(client).finally(client.close);
}

function ask(client: HttpClient, limits = generous, timeoutMs = 60_000): Promise<string> {
  return withinScope({ timeoutMs, signal: new AbortController().signal }, async (scope) => {
    const { bytes } = await exchange(client, request, limits, scope);
    return bytes.toString();
  });
}

/** Nothing of this process runs until `short` is long over. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 * short);
}

test("a connection that was there in time is used", async () => {
  await withClient(short, async (client) => {
    const asked = ask(client);
    // The system is asked for the connection in the next tick.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    standStill();
    expect(await asked).toBe("good");
  });
});

test.each([
  ["to the connection", { ...generous, headersTimeoutMs: short }, 60_000],
  ["to the call", generous, short],
])("an answer that was there in time is read, whatever limit was set %s", async (_, limits, timeoutMs) => {
  await withClient(60_000, async (client) => {
    await ask(client);
    const before = Atomics.load(answered, 0);
    const asked = ask(client, limits, timeoutMs);
    Atomics.wait(answered, 0, before);
    standStill();
    expect(await asked).toBe("good");
  });
});
