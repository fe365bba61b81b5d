/** Cases of the tables that show a rule: what it objects to, and what it lets through. */
import { readFieldTables, readRowTables } from "../../../policies/cases/readTables.ts";
import type { CallerFacts } from "../../../policies/runtime/facts.ts";
import type { RuleSource } from "./readRules.ts";

export type Example = {
  /** Who, by what rules read of them. */
  readonly caller: string;
  readonly asks: string;
  readonly outcome: string;
};

export type Examples = {
  readonly examples: readonly Example[];
  /** Paths of the tables that have cases of the rule. */
  readonly tables: readonly string[];
};

const examplesMax = 2;

type Case = Example & { readonly table: string; readonly isObjection: boolean };

export function findExamples(rule: RuleSource): Examples {
  const cases = rule.rule.question === "objects" ? findRowCases(rule) : findFieldCases(rule);
  const objections = cases.filter(({ isObjection }) => isObjection);
  const tables = new Set(objections.map(({ table }) => table));
  const allowed = cases.filter(({ isObjection, table }) => !isObjection && tables.has(table));
  const shown = [...different(objections), ...different(allowed)];
  return {
    examples: shown.map(({ caller, asks, outcome }) => ({ caller, asks, outcome })),
    tables: [...tables].sort(),
  };
}

function findFieldCases({ rule }: RuleSource): readonly Case[] {
  return readFieldTables().flatMap(({ table, cases }) =>
    cases
      .filter(({ expected }) => expected === rule.reason || expected === "ALLOWED")
      .map(({ caller, request, expected }) => ({
        table: `policies/access/cases/${table}.json`,
        isObjection: expected === rule.reason,
        caller: describeCaller(caller, rule.reads),
        asks: `${request.coordinate}${describeArguments(request.arguments)}`,
        outcome: expected === "ALLOWED" ? "allowed" : `denied, \`${expected}\``,
      })),
  );
}

function findRowCases({ area, rule }: RuleSource): readonly Case[] {
  return readRowTables().flatMap(({ table, cases }) =>
    cases
      .filter(({ expected }) => expected.rule === rule.name || expected.outcome === "allow")
      .map(({ caller, type, attributes, expected }) => ({
        table: `policies/${area}/cases/${table}.json`,
        isObjection: expected.rule === rule.name,
        caller: describeCaller(caller, rule.reads),
        asks: `${type} with ${describeFacts(attributes)}`,
        outcome: expected.outcome === "allow" ? "shown" : `${expected.outcome}, \`${expected.reason}\``,
      })),
  );
}

/** Each outcome from as different questions as there are. */
function different(cases: readonly Case[]): readonly Case[] {
  const byOutcome = new Map<string, Case[]>();
  for (const one of cases) byOutcome.set(one.outcome, [...(byOutcome.get(one.outcome) ?? []), one]);
  return [...byOutcome.values()].flatMap((same) => {
    const asked = new Map(same.map((one) => [one.asks, one]));
    return [...asked.values()].slice(0, examplesMax);
  });
}

function describeCaller(caller: CallerFacts, reads: readonly string[]): string {
  const names = reads.flatMap((path) => (path.startsWith("caller.") ? [path.slice("caller.".length)] : []));
  const told = names.length > 0 ? names : ["kind"];
  return describeFacts(Object.fromEntries(told.map((name) => [name, Reflect.get(caller, name)])));
}

function describeArguments(given: Readonly<Record<string, unknown>> | undefined): string {
  return given ? `(${describeFacts(given)})` : "";
}

function describeFacts(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
