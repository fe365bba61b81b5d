import { describe, expect, test } from "@jest/globals";
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  GraphQLScalarType,
  GraphQLString,
} from "graphql";
import type { Mask } from "../../../policies/runtime/decideObjects.ts";
import { createApplyMask } from "./applyMask.ts";

const DateTime = new GraphQLScalarType({ name: "DateTime" });
const apply = createApplyMask(new Uint8Array(32).fill(1));

describe("applyMask", () => {
  test.each<[Mask, unknown, GraphQLLeafType, unknown]>([
    [{ as: "redact" }, "secret", GraphQLString, "[redacted]"],
    [{ as: "redact" }, 7, GraphQLInt, null],
    [{ as: "partial" }, "Ada Analyst", GraphQLString, "A… A…"],
    [{ as: "partial" }, "𝒜da", GraphQLString, "𝒜…"],
    [{ as: "partial" }, "", GraphQLString, ""],
    [{ as: "partial" }, "id", GraphQLID, null],
    [{ as: "generalise", digits: 0 }, 12.6, GraphQLFloat, 13],
    [{ as: "generalise", digits: 1 }, -98.765, GraphQLFloat, -98.8],
    [{ as: "generalise", digits: -1 }, 1234, GraphQLInt, 1230],
    [{ as: "generalise", to: "day" }, "2026-03-03T12:34:56.789Z", DateTime, "2026-03-03T00:00:00.000Z"],
    [{ as: "generalise", to: "month" }, "2026-03-03T12:34:56.789Z", DateTime, "2026-03-01T00:00:00.000Z"],
    [{ as: "generalise", to: "year" }, "2026-03-03", GraphQLString, "2026-01-01"],
    [{ as: "generalise", to: "year" }, "yesterday", GraphQLString, null],
    [{ as: "generalise", digits: 0 }, "12.6", GraphQLString, null],
    [{ as: "generalise" }, 12.6, GraphQLFloat, null],
    [{ as: "hash" }, true, GraphQLBoolean, null],
    [{ as: "hash" }, null, GraphQLString, null],
  ])("%j of %j", (mask, value, type, expected) => {
    expect(apply(mask, value, type)).toBe(expected);
  });

  test("hashes equal values alike under one key, and nobody without the key can", () => {
    const hash = apply({ as: "hash" }, "who", GraphQLString);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(apply({ as: "hash" }, "who", GraphQLString)).toBe(hash);
    expect(apply({ as: "hash" }, "whom", GraphQLString)).not.toBe(hash);
    expect(createApplyMask(new Uint8Array(32))({ as: "hash" }, "who", GraphQLString)).not.toBe(hash);
  });
});
