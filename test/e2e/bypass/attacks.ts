/**
 * Ways round the policies that others have found in gateways, or that ours could have: each a request, or several, by an
 * analyst who may read up to AMBER from the United States. `secrets` must not be in any answer.
 */
import { createHash } from "node:crypto";

export type Target = {
  /** Global ids of rows that the attacker may not see. */
  readonly redSignal: string;
  readonly redAssessment: string;
  readonly person: string;
  readonly entity: string;
};

export type Send = (body: unknown, as?: "attacker" | "phone" | "anonymous" | "insider") => Promise<string>;

export type Attack = {
  readonly name: string;
  /** What came back, as text. */
  readonly run: (send: Send, target: Target) => Promise<string>;
};

const query = (
  name: string,
  text: (target: Target) => string,
  variables?: (target: Target) => object,
): Attack => ({
  name,
  run: (send, target) => send({ query: text(target), ...(variables && { variables: variables(target) }) }),
});

export const fieldAttacks: readonly Attack[] = [
  query("a denied field by its name", () => "{ dataSubjects { edges { node { pseudonym } } } }"),
  query(
    "by an alias (cosmo#1815)",
    () => "{ regions: dataSubjects { edges { id: node { name: pseudonym } } } }",
  ),
  query(
    "by an alias called __proto__ (GHSA-pfjj-6f4p-rvmh)",
    () => "{ __proto__: dataSubjects { totalCount } }",
  ),
  query(
    "by a named fragment",
    () => "{ ...A } fragment A on Query { ...B } fragment B on Query { dataSubjects { totalCount } }",
  ),
  query(
    "by an inline fragment without a type",
    () => "{ ... { ... @include(if: true) { dataSubjects { totalCount } } } }",
  ),
  query(
    "through the interface Node (GHSA-mx7m-j9xf-62hw)",
    ({ person }) => `{ node(id: "${person}") { id ... on DataSubject { pseudonym } } }`,
  ),
  query(
    "through the interface, by the key alone",
    ({ person }) => `{ node(id: "${person}") { id __typename } }`,
  ),
  query(
    "through a union of results",
    ({ person }) =>
      `mutation { recordConsent(input: { subjectId: "${person}", purpose: "research", decision: GRANTED, idempotencyKey: "k" }) { ... on ConsentRecorded { consent { subject { pseudonym } } } ... on RegionsRefusal { message } } }`,
  ),
  query(
    "by what another subgraph adds to the type",
    ({ person }) => `{ node(id: "${person}") { ... on DataSubject { erasure { subject { pseudonym } } } } }`,
  ),
  query(
    "by conditions in variables",
    () => "query ($on: Boolean = true) { dataSubjects @include(if: $on) { totalCount @skip(if: false) } }",
  ),
  query(
    "by asking for entities as the gateway does",
    ({ person }) =>
      `{ _entities(representations: [{ __typename: "DataSubject", id: "${person}" }]) { ... on DataSubject { pseudonym } } }`,
  ),
  query("by asking for a subgraph's own schema", () => "{ _service { sdl } }"),
  query("by @defer", () => "{ ... @defer { dataSubjects { totalCount } } regions { code } }"),
  query(
    "by a second operation of the document",
    () => "query A { regions { code } } query B { dataSubjects { totalCount } }",
  ),
  query(
    "by a name that the gateway uses itself",
    ({ redSignal }) => `{ signal(id: "${redSignal}") { atlas__marking: title atlas__type: domain title } }`,
  ),
  query(
    "by a variable that the gateway uses itself",
    ({ person }) =>
      `query ($atlas__purpose: String = "research") { node(id: "${person}") { ... on DataSubject { mayLeaveFor(purpose: $atlas__purpose) } } }`,
  ),
  query(
    "by introspection of what is denied",
    () => `{ __type(name: "DataSubject") { fields { name description } } }`,
  ),
  query(
    "by introspection of the roots",
    () => "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }",
  ),
  query("by a suggestion in an error", () => "{ dataSubject { pseudonymm } }"),
  {
    name: "in a batch behind an allowed operation",
    run: (send) =>
      send([
        { query: "{ regions { code } }" },
        { query: "{ dataSubjects { edges { node { pseudonym } } } }" },
      ]),
  },
  {
    name: "by the hash of what an insider has asked (APQ)",
    run: async (send) => {
      const text = "{ dataSubjects { edges { node { pseudonym } } } }";
      const extensions = {
        persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(text).digest("hex") },
      };
      await send({ query: text, extensions }, "insider");
      return send({ extensions });
    },
  },
  {
    name: "by the plan that an insider has made",
    run: async (send) => {
      const body = { query: "{ dataSubjects { edges { node { pseudonym } } totalCount } }" };
      await send(body, "insider");
      return `${await send(body)}${await send(body, "anonymous")}${await send(body)}`;
    },
  },
  {
    name: "by a decision that an insider was given a moment before",
    run: async (send, { redSignal }) => {
      const body = { query: "query ($id: ID!) { signal(id: $id) { title } }", variables: { id: redSignal } };
      await send(body, "insider");
      return `${await send(body)}${await send(body, "phone")}`;
    },
  },
];

export const rowAttacks: readonly Attack[] = [
  query("a row by its id", ({ redSignal }) => `{ signal(id: "${redSignal}") { title summary } }`),
  query(
    "a row by its id, alias and fragment",
    ({ redSignal }) =>
      `{ a: signal(id: "${redSignal}") { ...F } } fragment F on Signal { t: title s: summary }`,
  ),
  query("a row through Node", ({ redSignal }) => `{ node(id: "${redSignal}") { ... on Signal { title } } }`),
  query("a row through Node, key only", ({ redSignal }) => `{ node(id: "${redSignal}") { id } }`),
  query("a row in a list", () => "{ signals(first: 100) { edges { cursor node { id title } } } }"),
  query(
    "a row in a list, by its filter",
    () => `{ signals(first: 100, filter: { minSeverity: 0.987 }) { totalCount edges { node { title } } } }`,
  ),
  query(
    "a row among those of a country",
    () =>
      `{ country(code: "DE") { signals(first: 100, filter: { minSeverity: 0.987 }) { totalCount edges { node { title } } } } }`,
  ),
  query(
    "a row among those of an entity",
    ({ entity }) => `{ entity(id: "${entity}") { signals(first: 100) { title } } }`,
  ),
  query(
    "a row among those of an entity, through the interface",
    ({ entity }) => `{ node(id: "${entity}") { ... on Entity { signals { id title } } } }`,
  ),
  query(
    "a row that another field of another subgraph needs",
    ({ redAssessment }) =>
      `{ riskAssessment(id: "${redAssessment}") { prediction { probability } lineage { actor inputs } offline { lastSyncedAt } } }`,
  ),
  query(
    "a field of a row by a denied field's fragment on another type",
    ({ redAssessment }) =>
      `{ node(id: "${redAssessment}") { ... on Node { id ... on RiskAssessment { rationale history { rationale } } } } }`,
  ),
  query(
    "the error of a row",
    ({ redSignal }) =>
      `{ signal(id: "${redSignal}") { entities { relations(first: 100000) { kind } } title } }`,
  ),
  query(
    "the refusal of a change of a row",
    ({ redAssessment }) =>
      `mutation { reviseRiskAssessment(input: { id: "${redAssessment}", expectedRevision: 1, score: 0.1, rationale: "x", idempotencyKey: "r" }) { __typename ... on RiskAssessmentWritten { assessment { title rationale } } ... on IntelligenceRefusal { reason message } } }`,
  ),
  {
    name: "a page behind the last that may be seen",
    run: async (send) => {
      const page = (after: string) => ({
        query: `{ signals(first: 1, after: ${after}) { totalCount pageInfo { endCursor hasNextPage } edges { node { title } } } }`,
      });
      const cursor = Buffer.from(
        JSON.stringify(["2999-01-01T00:00:00.000Z", "ffffffff-ffff-4fff-bfff-ffffffffffff"]),
      ).toString("base64url");
      return send(page(JSON.stringify(cursor)));
    },
  },
  {
    name: "a row in a batch of many callers' operations",
    run: (send, { redSignal }) =>
      send(Array.from({ length: 5 }, () => ({ query: `{ signal(id: "${redSignal}") { title } }` }))),
  },
];
