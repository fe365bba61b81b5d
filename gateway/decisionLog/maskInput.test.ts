import { describe, expect, test } from "@jest/globals";
import { maskInput } from "./maskInput.ts";

const input = JSON.stringify({
  caller: { subject: "ada", claims: { email: "a@b" }, purpose: null },
  objects: [{ attributes: { name: "x" } }, { attributes: { name: null } }],
});
const mask = (masks: Record<string, "hash" | "redact"> | null) =>
  maskInput(input, masks, (text) => `#${text}`);

describe("maskInput", () => {
  test("puts a hash or nothing in the place of what is masked, and says where", () => {
    const { input: kept, masked } = mask({ "caller.subject": "hash", "caller.claims": "redact" });
    expect(JSON.parse(kept ?? "")).toMatchObject({
      caller: { subject: "#ada", claims: null, purpose: null },
    });
    expect(masked).toEqual(["caller.subject", "caller.claims"]);
  });

  test("reaches every element of a list", () => {
    expect(JSON.parse(mask({ "objects.*.attributes.name": "redact" }).input ?? "")).toMatchObject({
      objects: [{ attributes: { name: null } }, { attributes: { name: null } }],
    });
  });

  test("keeps an input letter for letter when nothing of it is masked", () => {
    expect(mask({ "caller.absent": "hash", "caller.purpose": "redact" })).toEqual({ input, masked: [] });
    expect(mask({})).toEqual({ input, masked: [] });
  });

  test("keeps nothing when the policy gives no sure answer", () => {
    expect(mask(null)).toEqual({ input: null, masked: ["*"] });
  });
});
