/** Asks native OPA and the WASM the same, and tells where they differ. */
import { isDeepStrictEqual } from "node:util";
import type { Evaluator } from "../runtime/createEvaluator.ts";
import type { DifferentialCase } from "./generateInputs.ts";
import type { NativeOpa } from "./startNativeOpa.ts";

export type Comparison = {
  readonly cases: number;
  readonly throws: readonly { readonly at: number; readonly message: string }[];
  readonly differences: readonly {
    readonly at: number;
    readonly asked: DifferentialCase;
    readonly native: unknown;
    readonly wasm: unknown;
  }[];
};

/** Questions under way at once. */
const width = 16;

export async function compareWithNative(
  native: NativeOpa,
  evaluator: Evaluator,
  cases: readonly DifferentialCase[],
): Promise<Comparison> {
  const throws: Comparison["throws"][number][] = [];
  const differences: Comparison["differences"][number][] = [];

  async function compare(asked: DifferentialCase, at: number): Promise<void> {
    const answer = await native.ask(asked.entrypoint, asked.input);
    try {
      const wasm = await evaluator.evaluate(asked.entrypoint, asked.input);
      if (!isDeepStrictEqual(wasm, answer)) differences.push({ at, asked, native: answer, wasm });
    } catch (thrown) {
      throws.push({ at, message: String(thrown) });
    }
  }

  for (let from = 0; from < cases.length; from += width)
    await Promise.all(cases.slice(from, from + width).map((asked, index) => compare(asked, from + index)));
  return { cases: cases.length, throws, differences };
}
