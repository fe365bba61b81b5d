/**
 * The case tables of policies/: (caller, what is asked, what is expected), as data, so that native Rego, the WASM and the
 * running graph are held to the same.
 */
import { readFileSync } from "node:fs";
import type { FieldRequest } from "../runtime/decideFields.ts";
import type { ObjectDecision, ObjectRequest } from "../runtime/decideObjects.ts";
import type { CallerFacts, PolicyProfile } from "../runtime/facts.ts";
import type { GuardedType } from "../runtime/guardedType.ts";

export type FieldCase = {
  readonly name: string;
  readonly callerName: string;
  readonly caller: CallerFacts;
  readonly profile: PolicyProfile;
  /** Malformed on purpose in one table. */
  readonly request: FieldRequest;
  readonly expected: string;
};

export type RowCase = ObjectRequest & {
  readonly name: string;
  readonly callerName: string;
  readonly caller: CallerFacts;
  readonly expected: Pick<ObjectDecision, "outcome" | "reason" | "rule" | "masks">;
};

export type Table<Case> = { readonly table: string; readonly cases: readonly Case[] };

export const tableTypes: Readonly<Record<string, GuardedType>> = readJson("cases/types.json").types;

const callers: Readonly<Record<string, CallerFacts>> = readJson("access/cases/callers.json").callers;

export function readFieldTables(): readonly Table<FieldCase>[] {
  return ["anonymous", "bulk", "directives", "labels", "malformed"].map((table) =>
    readTable<FieldCase>("access", table),
  );
}

export function readRowTables(): readonly Table<RowCase>[] {
  return [
    readTable<RowCase>("access", "clearance"),
    readTable<RowCase>("residency", "crossing"),
    readTable<RowCase>("retention", "places"),
    readTable<RowCase>("encryption", "pseudonyms"),
  ];
}

function readTable<Case extends FieldCase | RowCase>(area: string, table: string): Table<Case> {
  const cases: readonly (Omit<Case, "caller"> & { readonly caller: string })[] = readJson(
    `${area}/cases/${table}.json`,
  )[table];
  return {
    table,
    cases: cases.map((entry) => {
      const caller = callers[entry.caller];
      if (!caller) throw new Error(`the table ${table} names a caller that there is not: ${entry.caller}`);
      // The files are data of this repository; native OPA reads the same.
      return { ...entry, callerName: entry.caller, caller } as unknown as Case;
    }),
  };
}

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), "utf8"));
}
