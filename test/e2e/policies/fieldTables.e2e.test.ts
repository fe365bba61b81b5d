/** The case tables on fields again, through gateways that run: real tokens, real composition, a subgraph over HTTP. */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type FieldCase, readFieldTables } from "../../../policies/cases/readTables.ts";
import { loadPolicyBundle } from "../../../policies/runtime/loadPolicyBundle.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { type SignedPolicies, signPolicies } from "../../support/signPolicies.ts";
import { startGateway } from "../../support/startGateway.ts";
import { startTestIssuer, type TestIssuer } from "../../support/startTestIssuer.ts";
import { canSignIn, claimsOf } from "./callers.ts";
import { type FieldGraph, isSayable, serveFieldGraph, toFieldGraphs, toOperation } from "./fieldGraph.ts";

jest.setTimeout(120_000);

const tenant = "cases";
const disposer = createDisposer();
let issuer: TestIssuer;
let policies: SignedPolicies;
let labels: ReadonlySet<string>;

/** A supergraph with an empty list serves nobody, and one with a label that there is not nobody by these policies. */
const hasEmptyList = ({ request: { scopes, policies: demanded } }: FieldCase) =>
  [scopes, demanded].some((lists) => lists?.length === 0 || lists?.some((list) => list.length === 0));
const isServed = (entry: FieldCase) =>
  !hasEmptyList(entry) && (entry.request.policies ?? []).flat().every((label) => labels.has(label));
const isAskable = ({ caller }: FieldCase) =>
  caller.kind === "anonymous" ? caller.roles.length === 0 : canSignIn(caller);

async function start({ cases }: FieldGraph, supergraph: string) {
  const { issuer: url, audience, jwksUrl } = issuer.identity;
  return startGateway(supergraph, {
    ...policies.environment,
    ATLAS_ISSUER: url,
    ATLAS_AUDIENCE: audience,
    ATLAS_JWKS_URL: jwksUrl,
    ATLAS_PROFILE: cases[0]?.profile ?? "production",
  });
}

beforeAll(async () => {
  issuer = disposer.use(await startTestIssuer());
  policies = disposer.use(await signPolicies());
  const bundle = await loadPolicyBundle(policies.file, { trust: { kind: "unsigned" } });
  labels = bundle.catalogue.labels;
});
afterAll(async () => disposer[Symbol.asyncDispose]());

describe("the case tables on fields", () => {
  let asked = 0;
  let refused = 0;
  afterAll(() =>
    console.info(`${asked} cases asked over the graph, ${refused} refused with their supergraph`),
  );

  test.each(readFieldTables())("$table: the gateway answers as Rego decides", async ({ cases }) => {
    const sayable = cases.filter(isSayable);
    const wrong: unknown[] = [];
    for (const graph of toFieldGraphs(sayable.filter((entry) => isServed(entry) && isAskable(entry)))) {
      await using served = await serveFieldGraph(graph);
      await using gateway = await start(graph, served.supergraph);
      for (const entry of graph.cases) {
        const { caller, expected } = entry;
        asked += 1;
        const token =
          caller.kind === "anonymous" ? undefined : await issuer.tokenFor(claimsOf(caller, tenant));
        const { data, errors } = await postGraphql(
          gateway.graphql,
          { query: toOperation(entry) },
          token === undefined ? {} : { authorization: `Bearer ${token}` },
        );
        const isShown = /"(answered|Query|Country)"/.test(JSON.stringify(data ?? null));
        const [error] = errors ?? [];
        const isRight =
          expected === "ALLOWED"
            ? isShown && errors === undefined
            : !isShown &&
              error?.extensions?.code === "UNAUTHORIZED_FIELD_OR_TYPE" &&
              error.extensions.reason === expected &&
              typeof error.extensions.decisionId === "string";
        if (!isRight) wrong.push({ name: entry.name, caller: entry.callerName, expected, data, errors });
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each(readFieldTables())(
    "$table: what no schema may demand is refused at the start, by its coordinate",
    async ({ cases }) => {
      const wrong = cases.filter((each) => isSayable(each) && !isServed(each));
      const [empty, unknown] = [wrong.filter(hasEmptyList), wrong.filter((each) => !hasEmptyList(each))];
      for (const graph of [...toFieldGraphs(empty), ...toFieldGraphs(unknown)]) {
        await using served = await serveFieldGraph(graph);
        const refusal = await start(graph, served.supergraph).then(
          () => "started",
          (thrown: Error) => thrown.message,
        );
        const coordinates = [...new Set(graph.cases.map(({ request }) => request.coordinate))];
        expect(coordinates.filter((coordinate) => !refusal.includes(coordinate))).toEqual([]);
        refused += coordinates.length;
      }
    },
  );

  test("were not passed over", () => {
    expect(asked).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(8);
  });
});
