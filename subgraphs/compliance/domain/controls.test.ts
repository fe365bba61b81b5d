import { expect, test } from "@jest/globals";
import { controls } from "./controls.ts";

test("names each control once, by its framework and reference", () => {
  expect(new Set(controls.map(({ code }) => code)).size).toBe(controls.length);
  for (const { code, framework, reference } of controls) {
    expect(code).toBe(`${framework.replace(" ", "")}-${reference.replace("Art. ", "")}`);
  }
});
