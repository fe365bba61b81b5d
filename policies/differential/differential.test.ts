/** A short run of `npm run policy:differential`, which compares ten thousand. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { describeWhere } from "../../test/support/describeWhere.ts";
import { createEvaluator } from "../runtime/createEvaluator.ts";
import { readBundle } from "../runtime/readBundle.ts";
import { compareWithNative } from "./compareWithNative.ts";
import { generateInputs } from "./generateInputs.ts";
import { startNativeOpa } from "./startNativeOpa.ts";

describeWhere("opa", "native OPA and the WASM that runs", (opa) => {
  test("answer random questions alike, odd ones too", async () => {
    const packed = readFileSync(new URL("../bundle/atlas.tar.gz", import.meta.url));
    const { wasm, data } = await readBundle(packed, { kind: "unsigned" });
    await using native = await startNativeOpa(opa, fileURLToPath(new URL("..", import.meta.url)));
    const compared = await compareWithNative(
      native,
      await createEvaluator(wasm, data),
      generateInputs(11, 500),
    );
    expect(compared).toEqual({ cases: 500, throws: [], differences: [] });
  }, 120_000);
});
