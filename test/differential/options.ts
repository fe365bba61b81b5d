import { parseArgs } from "node:util";
import { type PlannerName, plannerNames } from "../../gateway/engine/planning/createPlanner.ts";
import { parseCaseName } from "./findCases.ts";

export type Options = {
  readonly seed: number;
  readonly cases: number;
  readonly planner: PlannerName;
  /** Of the cases, so many through a gateway process over HTTP. */
  readonly httpCases: number;
  /** Operations with `@defer`, whose parts put together must be the whole answer. */
  readonly isDeferred: boolean;
  /** Asked the same in place of Atlas. */
  readonly peer: "apollo-gateway" | undefined;
  /** Only this one. */
  readonly only: { readonly graph: number; readonly operation: number } | undefined;
};

export const usage = `npm run test:differential -- [--seed N] [--cases N] [--planner hive|apollo] [--http N] [--deferred] [--peer apollo-gateway]
npm run test:differential -- --case GRAPH:OPERATION [--planner hive|apollo] [--deferred]`;

/** Throws, saying what was expected. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      cases: { type: "string", default: "2400" },
      planner: { type: "string", default: "hive" },
      http: { type: "string" },
      peer: { type: "string" },
      deferred: { type: "boolean", default: false },
      case: { type: "string" },
    },
  });
  const planner = plannerNames.find((name) => name === values.planner);
  if (!planner)
    throw new Error(`Expected --planner to be ${plannerNames.join(" or ")}; got ${values.planner}.`);
  if (values.peer !== undefined && values.peer !== "apollo-gateway")
    throw new Error(`Expected --peer to be apollo-gateway; got ${values.peer}.`);
  const cases = parseCount("cases", values.cases);
  const httpCases = values.http === undefined ? Math.ceil(cases / 24) : parseCount("http", values.http);
  return {
    seed: parseCount("seed", values.seed),
    cases,
    planner,
    httpCases: values.peer === undefined && !values.deferred ? httpCases : 0,
    isDeferred: values.deferred,
    peer: values.peer,
    only: values.case === undefined ? undefined : parseCaseName(values.case),
  };
}

function parseCount(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`Expected --${name} to be a whole number; got ${text}.`);
  return value;
}
