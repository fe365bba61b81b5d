import { createServer } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { SubgraphTextCall } from "../engine/engine.ts";
import { createFindPolicy } from "../transport/transportPolicy.ts";
import { createCallSubgraph } from "./callSubgraph.ts";
import { createAnonymousCaller, type IdentifiedCaller } from "./identifyCaller.ts";
import type { SubgraphCallContext } from "./subgraphHeaders.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const anonymous = createAnonymousCaller("us-east");
const createCaller = (subject: string): IdentifiedCaller => ({
  ...anonymous,
  kind: "identified",
  subject,
  tenant: "acme",
  expiresAt: 2_000_000_000,
});
const ada = createCaller("ada");
let requests = 0;

type Change = Partial<Omit<SubgraphTextCall<SubgraphCallContext>, "context">> & {
  /** `later` stands for whatever is added to contexts one day. */
  readonly context?: Partial<SubgraphCallContext> & { readonly later?: number };
};

/** Each has ids of its own, as each request has. */
function createCall({ context, ...change }: Change = {}): SubgraphTextCall<SubgraphCallContext> {
  requests += 1;
  return {
    subgraph: "books",
    operationKind: "query",
    body: '{"query":"{books{isbn}}"}',
    signal: new AbortController().signal,
    context: {
      caller: ada,
      requestId: `request-${requests}`,
      traceparent: `00-${String(requests).padStart(32, "1")}-2222222222222222-01`,
      operationId: `operation-${requests}`,
      decisionId: `decision-${requests}`,
      forwarded: {},
      filters: {},
      ...context,
    },
    ...change,
  };
}

/** A subgraph that answers nothing until it is told to. */
async function startHeld() {
  const held: ((status?: number) => void)[] = [];
  const shared: string[] = [];
  let onAsked = () => {};
  const server = createServer((_request, response) => {
    const number = held.length;
    held.push((status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(`{"data":{"n":${number}}}`),
    );
    onAsked();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Expected a TCP address.");
  const url = `http://127.0.0.1:${address.port}/graphql`;
  const calls = createCallSubgraph({
    endpoints: new Map([
      ["books", url],
      ["films", url],
    ]),
    sign: undefined,
    findPolicy: createFindPolicy({}, { "*": { retry: { attemptsMax: 0 } } }),
    onShared: (subgraph) => shared.push(subgraph),
  });
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await calls.close();
  });
  const asked = (count: number) =>
    new Promise<void>((resolve) => {
      onAsked = () => {
        if (held.length >= count) resolve();
      };
      onAsked();
    });
  const ask = (call: SubgraphTextCall<SubgraphCallContext>) =>
    calls.requestText(call).then(({ bytes }) => JSON.parse(bytes.toString()).data.n);
  return { ask, asked, held, shared };
}

describe("two calls at the same time are one request", () => {
  test("when caller, subgraph and body are the same, whatever the ids of their requests", async () => {
    const { ask, asked, held, shared } = await startHeld();
    const answers = [ask(createCall()), ask(createCall()), ask(createCall())];
    await asked(1);
    held[0]?.();
    expect(await Promise.all(answers)).toEqual([0, 0, 0]);
    expect([held.length, shared]).toEqual([1, ["books", "books"]]);
  });

  test("when an anonymous caller has credentials that the subgraph judges", async () => {
    const { ask, asked, held } = await startHeld();
    const context = { caller: anonymous, forwarded: { authorization: "Bearer one" } };
    const answers = [ask(createCall({ context })), ask(createCall({ context }))];
    await asked(1);
    held[0]?.();
    expect(await Promise.all(answers)).toEqual([0, 0]);
  });
});

describe("two calls at the same time are two requests", () => {
  const strangers = { caller: anonymous, forwarded: { "x-tenant": "acme" } };
  test.each<[string, Change, Change]>([
    ["of two callers", {}, { context: { caller: createCaller("bob") } }],
    ["of one subject with two tokens", {}, { context: { caller: { ...ada } } }],
    ["with other headers", {}, { context: { forwarded: { "accept-language": "de" } } }],
    ["with other rows granted", {}, { context: { filters: { Book: "none" } } }],
    ["with something in the context that is not known here", {}, { context: { later: 1 } }],
    ["of anonymous callers without credentials", { context: strangers }, { context: strangers }],
    ["to two subgraphs", {}, { subgraph: "films" }],
    ["with two bodies", {}, { body: '{"query":"{books{title}}"}' }],
    ["that change something", { operationKind: "mutation" }, { operationKind: "mutation" }],
  ])("%s", async (_title, one, other) => {
    const { ask, asked, held, shared } = await startHeld();
    const answers = [ask(createCall(one)), ask(createCall(other))];
    await asked(2);
    for (const answer of held) answer();
    expect((await Promise.all(answers)).sort()).toEqual([0, 1]);
    expect(shared).toEqual([]);
  });
});

test("an answer that has come is not kept for the next call", async () => {
  const { ask, asked, held } = await startHeld();
  for (const number of [0, 1]) {
    const answer = ask(createCall());
    await asked(number + 1);
    held[number]?.();
    expect(await answer).toBe(number);
  }
});

test("a failure is that of all who share it, and is not remembered", async () => {
  const { ask, asked, held } = await startHeld();
  const answers = [ask(createCall()), ask(createCall())];
  await asked(1);
  held[0]?.(500);
  const settled = await Promise.allSettled(answers);
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const next = ask(createCall());
  await asked(2);
  held[1]?.();
  expect(await next).toBe(1);
});

test("who joined can leave alone, and when the first leaves the others ask anew, once", async () => {
  const { ask, asked, held } = await startHeld();
  const [first, second] = [new AbortController(), new AbortController()];
  const asking = ask(createCall({ signal: first.signal }));
  const leaving = ask(createCall({ signal: second.signal }));
  const staying = [ask(createCall()), ask(createCall())];
  await asked(1);
  second.abort();
  await expect(leaving).rejects.toMatchObject({ code: "SUBGRAPH_UNAVAILABLE" });
  first.abort();
  await expect(asking).rejects.toMatchObject({ code: "SUBGRAPH_UNAVAILABLE" });
  await asked(2);
  held[1]?.();
  expect(await Promise.all(staying)).toEqual([1, 1]);
  expect(held).toHaveLength(2);
});
