/** An operation of 100 characters that no planner plans in time must cost its sender an error, and nobody else anything. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createSlowGraph } from "../../../gateway/engine/testing/slowGraph.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";

const disposer = createDisposer();
const { supergraph, slowOperation, quickOperation } = createSlowGraph();
let gateway: TestGateway;

beforeAll(async () => {
  const subgraph = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { root: { __typename: "A", id: "1" } } }));
  });
  await new Promise<void>((resolve) => subgraph.listen(0, "127.0.0.1", resolve));
  disposer.use({
    [Symbol.asyncDispose]: async () => {
      subgraph.closeAllConnections();
      subgraph.close();
    },
  });
  // A listening TCP server has an address with a port.
  const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/`;
  gateway = disposer.use(
    await startGateway(supergraph.sdl, {
      ATLAS_ROUTING_URLS: supergraph.subgraphs.map(({ name }) => `${name}=${url}`).join(","),
      ATLAS_PLANNING_WORKERS: "2",
      ATLAS_PLANNING_TIMEOUT_MS: "3000",
      ATLAS_PLANNING_WAITING_MAX: "3",
    }),
  );
}, 60_000);
afterAll(async () => disposer[Symbol.asyncDispose]());

async function timeOf(query: string) {
  const startedAt = performance.now();
  const { status, errors } = await postGraphql(gateway.graphql, { query });
  return { status, code: errors?.[0]?.extensions?.code, ms: performance.now() - startedAt };
}

describe("while slow operations are planned", () => {
  test("known operations answer as fast as ever, and the slow ones get PLANNING_TIMEOUT", async () => {
    await timeOf(quickOperation);
    let isOver = false;
    const slow = Promise.all(["A", "B"].map((name) => timeOf(slowOperation(name)))).finally(() => {
      isOver = true;
    });
    const times: number[] = [];
    while (!isOver) {
      const { status, ms } = await timeOf(quickOperation);
      expect(status).toBe(200);
      times.push(ms);
    }
    const [first, second] = await slow;
    expect(first).toMatchObject({ status: 503, code: "PLANNING_TIMEOUT" });
    // On a busy machine the second worker may take longer to start than an operation waits.
    expect(second).toMatchObject({
      status: 503,
      code: expect.stringMatching(/PLANNING_(TIMEOUT|OVERLOADED)/),
    });
    for (const outcome of [first, second]) expect(outcome?.ms).toBeLessThan(7_000);
    times.sort((one, other) => one - other);
    expect(times.length).toBeGreaterThan(50);
    // Two threads that plan and this one share the machine's cores.
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(250);
  }, 60_000);

  test("what comes when as many wait as may is refused with PLANNING_OVERLOADED", async () => {
    const outcomes = await Promise.all(
      ["C", "D", "E", "F", "G", "H"].map((name) => timeOf(slowOperation(name))),
    );
    const codes = outcomes.map(({ code }) => code);
    expect(codes.filter((code) => code === "PLANNING_OVERLOADED").length).toBeGreaterThan(0);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([503]));
  }, 60_000);

  test("a new operation is planned again afterwards", async () => {
    let outcome = await timeOf("query After { root { __typename } }");
    for (let at = 0; outcome.status !== 200 && at < 5; at += 1)
      outcome = await timeOf("query After { root { __typename } }");
    expect(outcome.status).toBe(200);
  }, 60_000);
});
