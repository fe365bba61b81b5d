import { beforeAll, describe, expect, test } from "@jest/globals";
import { buildSchema, execute, parse, print, validate } from "graphql";
import type { RuleCatalogue } from "../../policies/runtime/catalogue.ts";
import type { Decision } from "../../policies/runtime/decision.ts";
import { loadPolicyBundle, type PolicyBundle } from "../../policies/runtime/loadPolicyBundle.ts";
import type { Answer } from "../engine/engine.ts";
import { createDecideObjects } from "./decideObjects.ts";
import { type Caller, createAnonymousCaller } from "./identifyCaller.ts";
import { createAddHiddenFields } from "./objects/addHiddenFields.ts";
import { createApplyMask } from "./objects/applyMask.ts";
import { findGuardedObjects } from "./objects/guardedObjects.ts";
import { shapeAnswer } from "./shapeAnswer.ts";

const schema = buildSchema(`
  type Query { signal: Signal strict: Written! signals: [Signal!]! page: SignalConnection any: [Any!]! loose: [Signal] }
  interface Row { id: ID! }
  enum Marking { CLEAR GREEN AMBER AMBER_STRICT RED }
  enum Residency { GLOBAL US EU }
  type Signal implements Row {
    id: ID! title: String! marking: Marking! residency: Residency! observedAt: String! latitude: Float
    sourceId: String! source: String next: Signal broken: String
  }
  type Written { signal: Signal! }
  type Plain implements Row { id: ID! }
  union Any = Signal | Plain
  type SignalConnection { edges: [SignalEdge!]! pageInfo: PageInfo! totalCount: Int }
  type SignalEdge { cursor: String! node: Signal! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
`);
const classes = {
  classes: new Map([
    ["Signal", { latitude: ["LOCATION"], sourceId: ["SOURCE_IDENTITY"], source: ["SOURCE_IDENTITY"] }],
  ]),
  residentBy: new Map([["Signal", "residency"]]),
};
const signal = (id: string, marking: string, more: object = {}) => ({
  __typename: "Signal",
  id,
  title: `Title ${id}`,
  marking,
  residency: "GLOBAL",
  observedAt: "2026-03-03T12:00:00Z",
  latitude: 12.345,
  sourceId: "who",
  source: "who",
  ...more,
});
const rows = [signal("a", "CLEAR"), signal("b", "RED"), signal("c", "AMBER")];
const page = {
  edges: rows.map((node) => ({ cursor: node.id, node })),
  pageInfo: { hasNextPage: false, endCursor: "c" },
  totalCount: 3,
};
const caller = {
  ...createAnonymousCaller("us-east"),
  kind: "identified",
  subject: "u",
  tenant: "acme",
  roles: ["analyst"],
  clearance: "amber",
  purpose: "research",
  expiresAt: 1,
} satisfies Caller;

describe("decideObjects", () => {
  let bundle: PolicyBundle;
  let recorded: Decision[] = [];
  beforeAll(async () => {
    bundle = await loadPolicyBundle(new URL("../../policies/bundle/atlas.tar.gz", import.meta.url), {
      trust: { kind: "unsigned" },
    });
  });

  /** From the client's text to the client's answer, with graphql-js in the place of the engine. */
  async function ask(
    text: string,
    root: object,
    { as = caller, policies = bundle }: { as?: Caller; policies?: PolicyBundle } = {},
  ): Promise<Answer & { readonly isDropped: boolean }> {
    recorded = [];
    const document = parse(text);
    const [operation] = document.definitions;
    if (operation?.kind !== "OperationDefinition")
      throw new Error("the test's document begins with its operation");
    const guarded = findGuardedObjects(schema, classes, policies.catalogue);
    const added = createAddHiddenFields(schema, guarded)(document);
    expect(validate(schema, added.document)).toEqual([]);
    const answer = (await execute({ schema, document: added.document, rootValue: root })) as Answer;
    const decide = createDecideObjects({
      guardedBy: () => guarded,
      environment: {
        profile: "production",
        region: "us-east",
        now: () => Date.parse("2026-03-03T12:00:00Z"),
      },
      recordDecisions: (decisions) => void recorded.push(...decisions),
    });
    const verdicts = await decide({
      bundle: policies,
      caller: as,
      data: answer.data,
      id: "d",
      sequence: 1,
      operation: { id: "o", kind: "query", name: null },
    });
    const shaped = shapeAnswer({
      schema,
      document,
      operation,
      variables: {},
      answer,
      denials: [],
      decisionId: "d",
      objects: {
        isGuarded: (type) => guarded.has(type),
        verdicts,
        applyMask: createApplyMask(new Uint8Array(32)),
      },
    });
    const { data = null, errors } = JSON.parse(JSON.stringify(shaped.answer));
    return {
      data,
      ...(errors && { errors }),
      ...(shaped.answer.extensions && { extensions: shaped.answer.extensions }),
      isDropped: shaped.isDropped,
    };
  }

  test("takes rows out of lists, and nothing of what the gateway asked for stays", async () => {
    expect(
      await ask("{ signals { title } any { ... on Signal { title } } }", {
        signals: rows,
        any: [...rows, { __typename: "Plain", id: "p" }],
      }),
    ).toEqual({
      data: {
        signals: [{ title: "Title a" }, { title: "Title c" }],
        any: [{ title: "Title a" }, { title: "Title c" }, {}],
      },
      isDropped: false,
    });
  });

  test("makes a single row null without a word, wherever it is nested", async () => {
    const root = {
      signal: signal("a", "CLEAR", { next: signal("b", "RED", { next: signal("c", "CLEAR") }) }),
    };
    expect((await ask("{ signal { id next { title next { title } } } }", root)).data).toEqual({
      signal: { id: "a", next: null },
    });
  });

  test("takes out what cannot be there without the row, and says so where that ends", async () => {
    const answer = await ask("{ strict { signal { title } } signal { id } }", {
      strict: { signal: rows[1] },
      signal: rows[0],
    });
    expect(answer).toMatchObject({ data: null });
    const edges = await ask("{ page { edges { cursor node { id } } } }", { page });
    expect(edges.data).toEqual({
      page: {
        edges: [
          { cursor: "a", node: { id: "a" } },
          { cursor: "c", node: { id: "c" } },
        ],
      },
    });
    expect(edges.errors).toBeUndefined();
  });

  test("gives no count and no cursor of a page that lost rows here", async () => {
    const { data, errors } = await ask(
      "{ page { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }",
      { page },
    );
    expect(data).toEqual({
      page: {
        totalCount: null,
        pageInfo: { hasNextPage: false, endCursor: null },
        edges: [{ node: { id: "a" } }, { node: { id: "c" } }],
      },
    });
    expect(errors).toMatchObject([
      { path: ["page", "totalCount"], extensions: { reason: "COUNTS_HIDDEN_ROWS" } },
    ]);
  });

  test("masks by field, whatever the client calls it, and names the coordinate once", async () => {
    const answer = await ask("{ signals { who: sourceId source } }", { signals: rows });
    const hashed = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect(answer.data).toEqual({
      signals: [
        { who: "who", source: "who" },
        { who: hashed, source: hashed },
      ],
    });
    expect(answer.extensions).toEqual({
      masked: [
        { coordinate: "Signal.sourceId", as: "hash", reason: "PSEUDONYM_ONLY" },
        { coordinate: "Signal.source", as: "hash", reason: "PSEUDONYM_ONLY" },
      ],
    });
  });

  test("moves errors behind a row that was taken out, and keeps none from inside it", async () => {
    const fail = (id: string) => ({
      get broken(): string {
        throw new Error(`no entry for ${id}`);
      },
    });
    const signals = rows.map((row) => Object.assign(fail(row.id), row));
    const { errors } = await ask("{ signals { id broken } }", { signals });
    expect(errors?.map(({ message, path }) => [message, path])).toEqual([
      ["no entry for a", ["signals", 0, "broken"]],
      ["no entry for c", ["signals", 1, "broken"]],
    ]);
  });

  test("shows nothing of a guarded row that nobody has decided about", async () => {
    const forgetful: PolicyBundle = {
      ...bundle,
      decideObjects: async (question) => ({ ...(await bundle.decideObjects(question)), decisions: [] }),
    };
    await expect(ask("{ signal { title } }", { signal: rows[0] }, { policies: forgetful })).rejects.toThrow(
      "no decision",
    );
    const failing: PolicyBundle = { ...bundle, decideObjects: () => Promise.reject(new Error("no memory")) };
    await expect(
      ask("{ signal { title } }", { signal: rows[0] }, { policies: failing }),
    ).rejects.toMatchObject({
      code: "POLICY_UNAVAILABLE",
    });
  });

  test("asks once for rows that are alike, and records what was asked and what came of how many", async () => {
    const { data } = await ask("{ signals { id } }", {
      signals: [...rows, ...rows, signal("x", "CLEAR", { residency: "EU" })],
    });
    expect(data).toEqual({ signals: ["a", "c", "a", "c", "x"].map((id) => ({ id })) });
    expect(recorded).toMatchObject([
      { id: "d", question: "objects", outcome: "partly-denied", crossesJurisdiction: true, reused: false },
    ]);
    expect(JSON.parse(recorded[0]?.asked.input ?? "").objects).toHaveLength(4);
    expect(recorded[0]?.verdicts.map(({ outcome, count }) => [outcome, count]).sort()).toEqual([
      ["allow", 1],
      ["allow", 2],
      ["drop", 2],
      ["mask", 2],
    ]);
  });

  test("counts the age of a moment in days of UTC, and what is no moment is old", async () => {
    const at = (id: string, observedAt: string) =>
      signal(id, "CLEAR", { residency: "US", observedAt, latitude: 12.345 });
    const { data } = await ask("{ signals { id latitude } }", {
      signals: [
        at("on its last day", "2024-03-03T00:00:00Z"),
        at("a moment older", "2024-03-02T23:59:59.999Z"),
        at("as old, said elsewhere", "2024-03-03T01:00:00+02:00"),
        at("to come", "2030-01-01T00:00:00Z"),
        at("unknown", "yesterday"),
      ],
    });
    expect(data).toEqual({
      signals: [
        { id: "on its last day", latitude: 12.345 },
        { id: "a moment older", latitude: 12 },
        { id: "as old, said elsewhere", latitude: 12 },
        { id: "to come", latitude: 12.345 },
        { id: "unknown", latitude: 12 },
      ],
    });
  });

  test("tells that the field of the root was dropped, so that an event can be kept back", async () => {
    expect((await ask("{ signal { id } }", { signal: rows[1] })).isDropped).toBe(true);
    expect((await ask("{ signal { id } }", { signal: rows[0] })).isDropped).toBe(false);
  });
});

describe("findGuardedObjects", () => {
  const catalogue = (objects: RuleCatalogue["rules"][number]["objects"]): RuleCatalogue => ({
    labels: new Set(),
    rules: [
      {
        name: "a.rule",
        question: "objects",
        reads: [],
        mode: "enforce",
        reason: "NO",
        arguments: {},
        objects,
        ages: {},
      },
    ],
  });
  const find = (objects: Parameters<typeof catalogue>[0]) => () =>
    findGuardedObjects(schema, classes, catalogue(objects));

  test("leaves out types that the supergraph does not have", () => {
    expect(find({ Elsewhere: { marking: "marking" } })().size).toBe(0);
  });

  test.each([
    [{ Signal: { level: "level" } }, 'Cannot query field "level" on type "Signal"'],
    [{ Signal: { next: "next" } }, 'Field "next" of type "Signal" must have a selection'],
    [
      { Plain: { residency: "@by" } },
      "a.rule needs the attribute residency of Plain, which @resident does not name",
    ],
  ])("refuses %j, naming rule and coordinate", (objects, message) => {
    expect(find(objects)).toThrow(message);
  });

  test("asks for attributes under names of the gateway's own", () => {
    const guarded = find({ Signal: { marking: "marking", of: "next { marking }" } })();
    const { document } = createAddHiddenFields(schema, guarded)(parse("{ signal { id } }"));
    expect(print(document).replace(/\s+/g, " ")).toBe(
      "{ signal { atlas__type: __typename atlas__marking: marking atlas__of: next { marking } id } }",
    );
  });
});
