/** Traces and metrics as a real receiver of OTLP over HTTP gets them. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../../support/startOtlpReceiver.ts";

const disposer = createDisposer();
let shop: Bookshop;
let receiver: OtlpReceiver;
let gateway: TestGateway;

beforeAll(async () => {
  shop = disposer.use(await startBookshop());
  receiver = disposer.use(await startOtlpReceiver());
  gateway = disposer.use(
    await startGateway(shop.sdl, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=of%20the%20receiver",
      OTEL_BSP_SCHEDULE_DELAY: "50",
      OTEL_METRIC_EXPORT_INTERVAL: "200",
      ATLAS_FORWARD_HEADERS: "authorization",
    }),
  );
});
afterAll(async () => disposer[Symbol.asyncDispose]());

const traceId = (digit: string) => digit.repeat(32);
const callerSpan = "00f067aa0ba902b7";
const query = "query Stars($isbn: ID!) { book(isbn: $isbn) { title stars } }";

const ask = (body: { query: string; variables?: Record<string, unknown> }, trace: string, flags = "01") =>
  postGraphql(gateway.graphql, body, { traceparent: `00-${trace}-${callerSpan}-${flags}` });

/** All of one trace, once its operation has ended. */
async function spansOf(trace: string): Promise<readonly ReceivedSpan[]> {
  for (;;) {
    const found = receiver.spans.filter((span) => span.traceId === trace);
    if (found.some(({ name }) => name === "GraphQL Operation")) return found;
    await sleep(20);
  }
}

describe("a trace", () => {
  test("has the operation below the caller's span, and stages and calls below the operation", async () => {
    await ask({ query, variables: { isbn: "2" } }, traceId("a"));
    const spans = await spansOf(traceId("a"));
    const operation = spans.find(({ name }) => name === "GraphQL Operation");
    expect(operation).toMatchObject({
      parentSpanId: callerSpan,
      attributes: { "graphql.operation.type": "query", "graphql.operation.name": "Stars" },
    });
    const below = spans.filter(({ parentSpanId }) => parentSpanId === operation?.spanId);
    expect(below.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["findDocument", "admitOperation", "authorizeFields", "planOperation", "POST"]),
    );
    const calls = below.filter(({ name }) => name === "POST");
    expect(calls.map(({ attributes }) => attributes["atlas.subgraph"])).toEqual(["books", "reviews"]);
    expect(calls[0]?.attributes).toMatchObject({
      "http.request.method": "POST",
      "server.address": "127.0.0.1",
      "graphql.operation.type": "query",
    });
    // What the subgraphs were told is the span of their call.
    const sent = shop.seen.headers.map(({ traceparent }) => traceparent);
    for (const { spanId } of calls) expect(sent).toContain(`00-${traceId("a")}-${spanId}-01`);
  });

  test("says by a code what went wrong", async () => {
    await ask({ query: "{ notGraphql broken }" }, traceId("b"));
    await ask({ query: "{ nonsense }" }, traceId("c"));
    const [refused] = (await spansOf(traceId("c"))).filter(({ name }) => name === "GraphQL Operation");
    expect(refused?.attributes).toMatchObject({ "error.type": "GRAPHQL_VALIDATION_FAILED" });
    expect((await spansOf(traceId("b"))).length).toBeGreaterThan(1);
  });

  test("has neither tokens nor variables nor the text of a document in it", async () => {
    const headers = {
      traceparent: `00-${traceId("d")}-${callerSpan}-01`,
      "x-secret": "very-secret",
    };
    await postGraphql(gateway.graphql, { query, variables: { isbn: "personal-number" } }, headers);
    await spansOf(traceId("d"));
    const all = receiver.texts.join();
    for (const secret of ["personal-number", "very-secret", "book(isbn", "Dune"])
      expect(all).not.toContain(secret);
  });

  test("that its caller does not record is neither recorded here nor told to be recorded further on", async () => {
    await ask({ query, variables: { isbn: "1" } }, traceId("e"), "00");
    await ask({ query, variables: { isbn: "1" } }, traceId("f"));
    await spansOf(traceId("f"));
    expect(receiver.spans.filter((span) => span.traceId === traceId("e"))).toEqual([]);
    const sent = shop.seen.headers.map(({ traceparent }) => String(traceparent));
    expect(sent.filter((header) => header.includes(traceId("e")))).toEqual(
      sent.filter((header) => new RegExp(`^00-${traceId("e")}-\\w{16}-00$`).test(header)),
    );
  });
});

test("metrics come under the names of the semantic conventions, with the headers that the receiver wants", async () => {
  const expected = ["http.server.request.duration", "http.client.request.duration", "atlas.graphql.errors"];
  while (!expected.every((name) => receiver.metrics.has(name))) await sleep(20);
  expect(new Set(receiver.headers.map((headers) => headers["x-key"]))).toEqual(new Set(["of the receiver"]));
});

test("without an endpoint nothing is sent, and traces go on as they came", async () => {
  const before = receiver.texts.length;
  await using quiet = await startGateway(shop.sdl, {
    OTEL_SDK_DISABLED: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
  const headers = { traceparent: `00-${traceId("9")}-${callerSpan}-01` };
  await postGraphql(quiet.graphql, { query, variables: { isbn: "1" } }, headers);
  expect(shop.seen.headers.at(-1)?.traceparent).toMatch(new RegExp(`^00-${traceId("9")}-\\w{16}-01$`));
  expect(receiver.texts.slice(before).join()).not.toContain(traceId("9"));
});
