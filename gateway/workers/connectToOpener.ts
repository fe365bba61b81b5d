import { parentPort, workerData } from "node:worker_threads";

export type Opener = {
  /** What `openWorker` was given. */
  readonly data: unknown;
  readonly post: (message: unknown) => void;
  readonly onMessage: (listener: (message: unknown) => void) => void;
};

/** The other end of `openWorker`, for the module that was opened, whichever kind of worker it runs in. */
export async function connectToOpener(): Promise<Opener> {
  const port = parentPort;
  if (port) {
    return {
      data: workerData,
      post: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on("message", listener),
    };
  }
  // The gateway has gone, and with it whoever would want an answer.
  process.once("disconnect", () => process.exit());
  const first = await new Promise<{ readonly data: unknown }>((resolve) => process.once("message", resolve));
  return {
    data: first.data,
    post: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on("message", listener),
  };
}
