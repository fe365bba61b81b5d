/** A condition on rows, as the gateway sends it, taken apart. What is not known in every part is refused. */
import { AppError } from "../errors.ts";

export type Condition =
  | { readonly kind: "and"; readonly conditions: readonly Condition[] }
  | { readonly kind: "or"; readonly conditions: readonly Condition[] }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly Scalar[] }
  | { readonly kind: Comparison; readonly field: string; readonly value: Scalar };

export type Comparison = "eq" | "lt" | "lte" | "gt" | "gte";
export type Scalar = string | number | boolean;

const comparisons: readonly string[] = ["eq", "lt", "lte", "gt", "gte"];
/** Conditions of policies have three levels. */
const depthMax = 8;
const partsMax = 200;

/** Throws CONTEXT_REFUSED, saying what was expected and where. */
export function parseCondition(value: unknown, type: string): Condition {
  let parts = 0;

  function parse(part: unknown, path: string): Condition {
    parts += 1;
    if (parts > partsMax || path.split(".").length > depthMax) throw refuse(path, "a smaller condition");
    if (!isRecord(part)) throw refuse(path, "an object");
    const { type: kind, operator, field, value: operand } = part;
    if (kind === "compound") {
      if (operator !== "and" && operator !== "or") throw refuse(path, "the operator and, or");
      // An empty `or` would mean no row and an empty `and` every row: whoever wrote it meant something else.
      if (!Array.isArray(operand) || operand.length === 0) throw refuse(path, "at least one condition");
      return { kind: operator, conditions: operand.map((inner, at) => parse(inner, `${path}.${at}`)) };
    }
    if (kind !== "field" || typeof field !== "string") throw refuse(path, "a compound or a field");
    if (operator === "in") {
      if (!Array.isArray(operand) || !operand.every(isScalar)) throw refuse(path, "a list of values");
      return { kind: "in", field, values: operand };
    }
    if (typeof operator !== "string" || !isComparison(operator))
      throw refuse(path, `the operator in, ${comparisons.join(", ")}`);
    if (!isScalar(operand)) throw refuse(path, "a value");
    return { kind: operator, field, value: operand };
  }

  function refuse(path: string, expected: string): AppError {
    return refuseFilter(type, `expected ${expected} at ${path}`);
  }

  return parse(value, "condition");
}

export function refuseFilter(type: string, why: string): AppError {
  return new AppError("CONTEXT_REFUSED", `malformed: the filter of ${type} cannot be applied: ${why}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return (
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}

function isComparison(operator: string): operator is Comparison {
  return comparisons.includes(operator);
}
