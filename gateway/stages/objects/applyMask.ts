/** What stands in place of a value that may be seen in part only. */
import { createHmac } from "node:crypto";
import {
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLString,
  isScalarType,
  isSpecifiedScalarType,
} from "graphql";
import type { Mask } from "../../../policies/runtime/decideObjects.ts";

/** The masked value, or null where the type leaves no room for one. Null stays null. */
export type ApplyMask = (mask: Mask, value: unknown, type: GraphQLLeafType) => unknown;

const redacted = "[redacted]";
/** 64 bits: enough to tell values apart, too few to be taken for the value itself. */
const hashHexDigits = 16;

/** Hashes are keyed: whoever can guess a value cannot find out whether the guess is right. */
export function createApplyMask(key: Uint8Array): ApplyMask {
  return (mask, value, type) => {
    if (value === null || value === undefined) return null;
    switch (mask.as) {
      case "redact":
        return type === GraphQLString ? redacted : null;
      case "hash": {
        if (type !== GraphQLString && type !== GraphQLID) return null;
        return createHmac("sha256", key).update(String(value)).digest("hex").slice(0, hashHexDigits);
      }
      case "partial":
        return type === GraphQLString ? toInitials(String(value)) : null;
      case "generalise":
        return generalise(mask, value, type);
    }
  };
}

/** `Ada Analyst` becomes `A… A…`. */
function toInitials(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => `${[...word][0]}…`)
    .join(" ");
}

function generalise(
  { digits, to }: Extract<Mask, { as: "generalise" }>,
  value: unknown,
  type: GraphQLLeafType,
): unknown {
  const isNumber = type === GraphQLFloat || type === GraphQLInt;
  if (isNumber && digits !== undefined && typeof value === "number") {
    const unit = 10 ** digits;
    const rounded = Math.round(value * unit) / unit;
    return type === GraphQLInt ? Math.round(rounded) : rounded;
  }
  // Moments are scalars of the graph's own, or texts.
  const mayBeMoment = type === GraphQLString || (isScalarType(type) && !isSpecifiedScalarType(type));
  return mayBeMoment && to !== undefined ? startOf(to, String(value)) : null;
}

function startOf(unit: "day" | "month" | "year", text: string): string | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)(?:T|$)/.exec(text) ?? [];
  if (year === undefined) return null;
  const date = `${year}-${unit === "year" ? "01" : month}-${unit === "day" ? day : "01"}`;
  return text.includes("T") ? `${date}T00:00:00.000Z` : date;
}
