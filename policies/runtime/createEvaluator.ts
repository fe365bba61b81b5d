/**
 * A compiled policy that can be asked. It knows what the WASM of OPA does not promise: that an evaluation ends, that
 * throws are Errors, that memory is given back, that a missing built-in function is noticed before the first question.
 */
import { type LoadedPolicy, loadPolicy } from "@open-policy-agent/opa-wasm";
import { fuelExport } from "./meterModule.ts";
import { PolicyError } from "./policyError.ts";

export type Evaluator = {
  /**
   * Value of the entrypoint for this input, a text being JSON already. Throws a PolicyError when there is none, or the
   * policy failed.
   */
  readonly evaluate: (entrypoint: string, input: object | string) => Promise<unknown>;
};

export type EvaluatorLimits = {
  /** WASM pages of 64 KiB; there is no garbage collection inside an evaluation. Default 1,024. */
  readonly memoryPagesMax: number;
  /** Steps of one evaluation (meterModule.ts), about 5 ns each. A hundred fields take 150,000. Default 10 million. */
  readonly fuelMax: number;
  /** Bytes of JSON in one question. Default 1 MiB. */
  readonly inputBytesMax: number;
  /** A fresh instance is made after so many evaluations. Default 10,000. */
  readonly evaluationsMax: number;
};

export const defaultLimits: EvaluatorLimits = {
  memoryPagesMax: 1_024,
  fuelMax: 10_000_000,
  inputBytesMax: 1024 * 1024,
  evaluationsMax: 10_000,
};

/** What @open-policy-agent/opa-wasm supplies to the module; all other functions are compiled into it, or missing. */
export const hostBuiltins: ReadonlySet<string> = new Set([
  "json.is_valid",
  "regex.split",
  "sprintf",
  "yaml.is_valid",
  "yaml.marshal",
  "yaml.unmarshal",
]);

const memoryPagesInitial = 5;

/** Of a module that `meterModule` has changed. */
export async function createEvaluator(
  wasm: Uint8Array,
  data: object,
  limits: EvaluatorLimits = defaultLimits,
): Promise<Evaluator> {
  const instantiate = async () => {
    // Bytes, not a compiled module: V8 compiles off this thread in 4 ms, and Node's types know no WebAssembly.Module.
    const policy = await loadPolicy(wasm, { initial: memoryPagesInitial, maximum: limits.memoryPagesMax });
    policy.setData(data);
    return policy;
  };
  let instance = failAs("BUNDLE_INVALID", "the policy cannot be started with its data", instantiate);
  assertMetered(await instance);
  assertBuiltinsKnown(await instance);
  let evaluations = 0;
  // Replaced at once and awaited by all, so that nobody is answered from the memory of a failed evaluation.
  const replaceInstance = () => {
    evaluations = 0;
    instance = failAs("EVALUATION_FAILED", "no fresh policy instance", instantiate);
    instance.catch(() => {
      evaluations = limits.evaluationsMax;
    });
  };
  const latestInstance = async (): Promise<LoadedPolicy> => {
    const awaited = instance;
    const policy = await awaited;
    return awaited === instance ? policy : latestInstance();
  };

  return {
    async evaluate(entrypoint, input) {
      const json = new TextEncoder().encode(typeof input === "string" ? input : JSON.stringify(input));
      if (json.byteLength > limits.inputBytesMax)
        throw new PolicyError(
          "QUESTION_TOO_LARGE",
          `expected a question of at most ${limits.inputBytesMax} bytes, got ${json.byteLength}`,
        );
      if (evaluations >= limits.evaluationsMax) replaceInstance();
      evaluations += 1;
      const policy = await latestInstance();
      const { [fuelExport]: fuel } = exportsOf(policy);
      try {
        fuel.value = limits.fuelMax;
        return onlyResult(policy.evaluate(json.buffer, entrypoint));
      } catch (cause) {
        if (cause instanceof PolicyError) throw cause;
        replaceInstance();
        if (fuel.value < 0)
          throw new PolicyError("FUEL_EXHAUSTED", `the policy was stopped after ${limits.fuelMax} steps`);
        throw new PolicyError("EVALUATION_FAILED", `the policy failed: ${describe(cause)}`, { cause });
      }
    },
  };
}

async function failAs<T>(
  code: "BUNDLE_INVALID" | "EVALUATION_FAILED",
  message: string,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof PolicyError) throw cause;
    throw new PolicyError(code, `${message}: ${describe(cause)}`, { cause });
  }
}

/** Without a gauge nothing would stop it. */
function assertMetered(policy: LoadedPolicy): void {
  if (!(fuelExport in exportsOf(policy)))
    throw new PolicyError("BUNDLE_INVALID", "expected a module with a fuel gauge");
}

/** `opa build` accepts functions that exist only natively; the module would throw in the middle of a decision. */
function assertBuiltinsKnown(policy: LoadedPolicy): void {
  const missing = Object.keys(readBuiltins(policy)).filter((name) => !hostBuiltins.has(name));
  if (missing.length > 0)
    throw new PolicyError(
      "BUILTIN_UNKNOWN",
      `the policy calls ${missing.sort().join(", ")}, unknown in WASM`,
    );
}

type Exports = {
  readonly builtins: () => number;
  readonly opa_json_dump: (address: number) => number;
  readonly [fuelExport]: { value: number };
};

/**
 * The library's types lean on the DOM's WebAssembly; OPA's ABI (https://www.openpolicyagent.org/docs/wasm#exports) and
 * `meterModule` give these exports the types stated here.
 */
function exportsOf(policy: LoadedPolicy): Exports {
  const { wasmInstance } = policy as unknown as { readonly wasmInstance: { readonly exports: Exports } };
  return wasmInstance.exports;
}

function readBuiltins(policy: LoadedPolicy): object {
  // As above, of the memory that the host gave it.
  const { mem } = policy as unknown as { readonly mem: { readonly buffer: ArrayBuffer } };
  const { builtins, opa_json_dump } = exportsOf(policy);
  const start = opa_json_dump(builtins());
  const bytes = new Uint8Array(mem.buffer);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start))));
}

/** The result set is `[]` for undefined and `[{result}]` otherwise. */
function onlyResult(resultSet: unknown): unknown {
  const [first, ...others]: unknown[] = Array.isArray(resultSet) ? resultSet : [];
  if (others.length > 0 || typeof first !== "object" || first === null || !("result" in first))
    throw new PolicyError("ANSWER_INVALID", "the policy's answer is undefined");
  return first.result;
}

/** opa-wasm throws strings and plain objects as well as Errors. */
function describe(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  return typeof thrown === "object" && thrown !== null && "message" in thrown
    ? String(thrown.message)
    : "unknown";
}
