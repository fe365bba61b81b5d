/**
 * Jest gives each suite typed arrays of its own; native code answers with Node's, and onnxruntime-node takes one for no
 * instance of the other (microsoft/onnxruntime#16622). Suites that name this environment have Node's:
 * `@jest-environment ./test/support/run/oneRealm.mjs`.
 */
import { TestEnvironment } from "jest-environment-node";

export default class OneRealm extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, { Float32Array, BigInt64Array, Int32Array, Uint8Array, ArrayBuffer });
  }
}
