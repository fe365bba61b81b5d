/** Microsoft SEAL as WebAssembly, started once, with the one set of parameters that is used here. */
import { createRequire } from "node:module";
import type { SEALLibrary } from "node-seal/implementation/seal.js";

/** Slots of a ciphertext are half of this. */
export const polynomialDegree = 4_096;
export const slots = polynomialDegree / 2;
/**
 * 128 bits of security at this degree allow 109 bits of modulus. Only additions are done, so one data prime is enough:
 * 54 bits, of which the scale takes 40; sums stay exact to about 1e-8 below 2¹³.
 */
const primeBits = Int32Array.of(54, 55);
export const scale = 2 ** 40;

export type Seal = {
  readonly library: SEALLibrary;
  readonly context: ReturnType<SEALLibrary["Context"]>;
};

let opened: Promise<Seal> | undefined;

export function openSeal(): Promise<Seal> {
  opened ??= start();
  return opened;
}

/** After a failure the WebAssembly may have been aborted half-way; the next call starts another. */
export function discardSeal(): void {
  opened = undefined;
}

async function start(): Promise<Seal> {
  // The package's types describe its ES build; in Node.js `require` gives the function itself.
  const load = createRequire(import.meta.url)(
    "node-seal/throws_wasm_node_umd.js",
  ) as () => Promise<SEALLibrary>;
  const library = await load();
  const parameters = library.EncryptionParameters(library.SchemeType.ckks);
  parameters.setPolyModulusDegree(polynomialDegree);
  parameters.setCoeffModulus(library.CoeffModulus.Create(polynomialDegree, primeBits));
  const context = library.Context(parameters, true, library.SecurityLevel.tc128);
  if (!context.parametersSet()) throw new Error("expected SEAL to take its parameters");
  return { library, context };
}
