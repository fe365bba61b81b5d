/**
 * Random questions for the policies, good and bad: what a gateway asks, and what no gateway should. Native OPA and the WASM
 * must answer all of them alike.
 */
import fc from "fast-check";
import { tableTypes } from "../cases/readTables.ts";

export type DifferentialCase = { readonly entrypoint: string; readonly input: object };

/** Values that have told implementations of Rego apart. */
const odd = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -0,
    1.5,
    -1,
    2 ** 53,
    1e21,
    "",
    " ",
    "%q",
    "%v",
    "é",
    "\u0000",
    "0",
    "01",
  ),
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.constantFrom("a", 1, null), { maxLength: 3 }),
  fc.constantFrom({}, { a: 1 }, [], [[]]),
);
const mostly = <Value>(good: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: odd });

const caller = fc.record(
  {
    kind: mostly(fc.constantFrom("anonymous", "identified")),
    roles: mostly(
      fc.subarray([
        "analyst",
        "compliance_officer",
        "administrator",
        "platform_engineer",
        "mobile_user",
        "root",
      ]),
    ),
    scopes: mostly(fc.subarray(["signals:read", "assessments:write", "compliance:read"])),
    clearance: mostly(fc.constantFrom("clear", "green", "amber", "amber+strict", "red", "cosmic")),
    purpose: mostly(fc.constantFrom("research", "compliance", "operations", "curiosity", null)),
    jurisdiction: mostly(fc.constantFrom("us", "eu", "br", "ap", "mars")),
  },
  { requiredKeys: ["kind", "roles", "clearance", "purpose", "jurisdiction"] },
);
const environment = fc.record({ profile: mostly(fc.constantFrom("local", "production")) });
const time = fc.record({ day: mostly(fc.integer({ min: 0, max: 40_000 })) });

const alternatives = (words: readonly string[]) =>
  mostly(
    fc.option(fc.array(fc.array(fc.constantFrom(...words), { maxLength: 3 }), { maxLength: 3 }), {
      nil: null,
    }),
  );
const fieldRequest = fc.record(
  {
    coordinate: mostly(
      fc.constantFrom(
        "Query.country",
        "Country.name",
        "Query.__schema",
        "Query.dataSubjects",
        "Country.risk",
        "Signal",
        "A.b.c",
        "",
      ),
    ),
    authenticated: mostly(fc.boolean()),
    scopes: alternatives(["signals:read", "assessments:write"]),
    policies: alternatives([
      "analysis",
      "compliance",
      "operations",
      "clearance:amber",
      "clearance:red",
      "no-such",
    ]),
    arguments: mostly(fc.record({ first: mostly(fc.integer({ min: -5, max: 200 })) })),
  },
  { requiredKeys: ["coordinate", "authenticated", "scopes", "policies"] },
);

const typeNames = Object.keys(tableTypes);
const row = fc.record({
  type: mostly(fc.constantFrom(...typeNames)),
  attributes: mostly(
    fc.record(
      {
        marking: mostly(fc.constantFrom("CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED", "PURPLE")),
        residency: mostly(fc.constantFrom("GLOBAL", "US", "EU", "BR", "AP", "MARS")),
        consent: mostly(fc.constantFrom(true, false, null)),
        age: mostly(fc.integer({ min: -2, max: 20_000 })),
      },
      { requiredKeys: [] },
    ),
  ),
});

/** What a batch of rows has in common, and the rows: also asked in two steps (`policies/runtime/decideObjects.test.ts`). */
export const batch = fc.record({ caller, time, objects: fc.array(row, { minLength: 1, maxLength: 4 }) });

const numbered = <Value extends object>(values: readonly Value[]) =>
  values.map((value, id) => ({ ...value, id }));

const fields = fc
  .record({ caller, environment, requests: fc.array(fieldRequest, { minLength: 1, maxLength: 4 }) })
  .map((input) => ({
    entrypoint: "atlas/fields/decisions",
    input: { ...input, requests: numbered(input.requests) },
  }));
const objects = batch.map((input) => ({
  entrypoint: "atlas/objects/decisions",
  input: { ...input, types: tableTypes, objects: numbered(input.objects) },
}));
const rules = [...new Set(Object.values(tableTypes).flatMap((type) => type.rules)), "no.such"];
const verdicts = fc
  .record({ batch, rules: fc.array(mostly(fc.constantFrom(...rules)), { minLength: 4, maxLength: 4 }) })
  .map(({ batch: { objects: rows, ...facts }, rules: asked }) => ({
    entrypoint: "atlas/objects/verdicts",
    input: {
      ...facts,
      types: tableTypes,
      objects: numbered(rows.map((each, at) => ({ ...each, rule: asked[at] }))),
    },
  }));
const mask = fc.oneof(
  fc.constantFrom({ as: "redact" }, { as: "hash" }, { as: "partial" }),
  fc.record({ as: fc.constant("generalise"), digits: fc.integer({ min: -3, max: 6 }) }),
);
const verdict = fc.record({
  rule: mostly(fc.constantFrom(...rules)),
  outcome: mostly(fc.constantFrom("allow", "mask", "null", "drop")),
  reason: mostly(fc.constantFrom("ALLOWED", "NO", "LATER")),
  masks: mostly(fc.dictionary(fc.constantFrom("title", "source", "latitude"), mostly(mask))),
});
const combinations = fc
  .array(fc.record({ verdicts: fc.array(verdict, { maxLength: 4 }) }), { minLength: 1, maxLength: 4 })
  .map((asked) => ({
    entrypoint: "atlas/objects/combinations",
    input: { combinations: numbered(asked) },
  }));
const filters = fc
  .record({
    caller,
    time,
    requests: fc.array(fc.record({ type: mostly(fc.constantFrom(...typeNames)) }), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  .map((input) => ({
    entrypoint: "atlas/filters/decisions",
    input: { ...input, types: tableTypes, requests: numbered(input.requests) },
  }));
const records = fc
  .array(
    fc.record({
      outcome: mostly(fc.constantFrom("allowed", "partly-denied", "denied")),
      crossesJurisdiction: mostly(fc.boolean()),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((decisions) => ({
    entrypoint: "atlas/audit/recording/records",
    input: { decisions: numbered(decisions) },
  }));

/** The same for the same seed. */
export function generateInputs(seed: number, count: number): readonly DifferentialCase[] {
  return fc.sample(
    fc.oneof(
      { weight: 4, arbitrary: fields },
      { weight: 3, arbitrary: objects },
      { weight: 2, arbitrary: verdicts },
      { weight: 2, arbitrary: combinations },
      { weight: 2, arbitrary: filters },
      { weight: 1, arbitrary: records },
    ),
    {
      seed,
      numRuns: count,
    },
  );
}
