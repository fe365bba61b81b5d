/**
 * onnxruntime-node behind one function. The package is optional: where its native part is missing or does not load,
 * models answer from plain code, which says the same and takes longer for networks.
 */
import type { InferenceSession } from "onnxruntime-node";
import { inputName, outputName } from "./onnx/writeModel.ts";

/** `rows` one after the other; answers their scores one after the other. */
export type RunBatch = (rows: Float32Array, count: number) => Promise<Float32Array>;

export type Runtime = {
  readonly open: (model: Uint8Array, widths: { readonly inputs: number }) => Promise<RunBatch>;
};

/** One thread: sessions share the machine with the gateway and PostgreSQL, and a waiting pool would spin. */
const sessionOptions: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  logSeverityLevel: 3,
};

/** Undefined, and told to `onMissing` once, where there is no runtime for this machine. */
export async function loadRuntime(onMissing: (error: unknown) => void): Promise<Runtime | undefined> {
  try {
    // Types of both kinds of module are one; the package is CommonJS.
    const { InferenceSession: Session, Tensor } = await import("onnxruntime-node");
    return {
      open: async (model, { inputs }) => {
        // Native memory goes with the session when nobody holds it any more.
        const session = await Session.create(model, sessionOptions);
        return async (rows, count) => {
          const answer = await session.run({ [inputName]: new Tensor("float32", rows, [count, inputs]) });
          const scores = answer[outputName]?.data;
          if (!(scores instanceof Float32Array))
            throw new Error("expected scores as 32-bit floats, came none");
          return scores;
        };
      },
    };
  } catch (error) {
    onMissing(error);
    return undefined;
  }
}
