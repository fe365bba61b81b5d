import { describe, expect, test } from "@jest/globals";
import { GraphQLError, parse } from "graphql";
import type { OperationPlan } from "../engine/engine.ts";
import { AppError } from "../errors.ts";
import { createPlanOperation } from "./planOperation.ts";

const document = parse("{ a }");
const request = { document, operationName: undefined, overrides: [] };

function planWith(plan: () => Promise<OperationPlan>) {
  return createPlanOperation({ plan })(request);
}

describe("planOperation", () => {
  test("gives the engine's plan", async () => {
    const plan = {
      supergraphId: "s1",
      operationKind: "query",
      operationName: undefined,
      isDeferred: false,
      document,
      node: {},
    } as const;
    expect(await planWith(async () => plan)).toBe(plan);
  });

  test("answers 500 where no plan exists, in the engine's words", async () => {
    const planning = planWith(() =>
      Promise.reject(new GraphQLError("no plan", { extensions: { code: "PLANNING_FAILED" } })),
    );
    await expect(planning).rejects.toMatchObject({
      code: "PLANNING_FAILED",
      status: 500,
      message: "no plan",
    });
  });

  test("keeps a fault's own text from clients", async () => {
    const planning = planWith(() => Promise.reject(new Error("stack of the planner")));
    await expect(planning).rejects.toMatchObject({
      code: "PLANNING_FAILED",
      message: "The operation is valid but could not be planned.",
    });
  });

  test("passes on that there was no time or no room", async () => {
    const timedOut = new AppError("PLANNING_TIMEOUT", 503, "too slow");
    await expect(planWith(() => Promise.reject(timedOut))).rejects.toBe(timedOut);
  });
});
