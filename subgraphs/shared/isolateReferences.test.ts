import { expect, test } from "@jest/globals";
import { isolateReferences } from "./isolateReferences.ts";

test("a reference resolver that throws rejects instead, and nothing else changes", async () => {
  const field = () => 1;
  const isolated = isolateReferences({
    Signal: {
      field,
      __resolveReference: (reference: { readonly id: string }) => {
        if (reference.id === "bad") throw new Error("no id");
        return reference;
      },
    },
    Query: { field },
    DateTime: null,
  }) as {
    Signal: { field: unknown; __resolveReference: (reference: object) => Promise<unknown> };
    Query: unknown;
    DateTime: unknown;
  }; // the shape that went in
  expect(isolated).toMatchObject({ Signal: { field }, Query: { field }, DateTime: null });
  await expect(isolated.Signal.__resolveReference({ id: "bad" })).rejects.toThrow("no id");
  expect(await isolated.Signal.__resolveReference({ id: "good" })).toEqual({ id: "good" });
});
