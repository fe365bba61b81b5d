/** Starts a module of the gateway apart from the thread that serves: on a thread, or in a process of its own. */
import { fork } from "node:child_process";
import { Socket } from "node:net";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker as Thread } from "node:worker_threads";

export type WorkerKind =
  /** Cheap; what runs there can be ended, and can run out of memory, without harm. */
  | "thread"
  /** For native code: when that aborts, it takes its process with it. Gets none of our environment's secrets. */
  | "process";

export type OpenedWorker = {
  readonly post: (message: unknown) => void;
  readonly onMessage: (listener: (message: unknown) => void) => void;
  /** Called once, with the cause where there is one. */
  readonly onEnd: (listener: (cause: unknown) => void) => void;
  /** Ends it at once, whatever it does. */
  readonly end: () => Promise<void>;
  /** From now on it does not keep this process alive. */
  readonly unref: () => void;
};

/** `module` is the file's URL without its suffix; the module connects by `connectToOpener`. */
export function openWorker(kind: WorkerKind, module: URL, data: unknown): OpenedWorker {
  const file = new URL(module.href + suffix);
  return kind === "thread" ? openThread(file, data) : openProcess(file, data);
}

function openThread(file: URL, workerData: unknown): OpenedWorker {
  const thread = new Thread(file, {
    workerData,
    // Absent, they are those of this process.
    ...(loading.length > 0 ? { execArgv: loading } : {}),
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
  });
  let cause: unknown;
  thread.on("error", (thrown) => {
    cause = thrown;
  });
  return {
    post: (message) => thread.postMessage(message),
    onMessage: (listener) => thread.on("message", listener),
    onEnd: (listener) => thread.once("exit", () => listener(cause)),
    end: async () => void (await thread.terminate()),
    unref: () => thread.unref(),
  };
}

function openProcess(file: URL, data: unknown): OpenedWorker {
  const child = fork(fileURLToPath(file), [], {
    execArgv: [...loading, `--max-old-space-size=${heapMbMax}`],
    // The home folder is where the compiler of the tests keeps its native part.
    env: { HOME: homedir() },
    // What native code prints when it aborts is told as the cause.
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let cause: unknown;
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-printedMax);
  });
  child.on("error", (thrown) => {
    cause = thrown;
  });
  child.send({ data });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    post: (message) => void (child.connected && child.send(Object(message))),
    onMessage: (listener) => child.on("message", listener),
    onEnd: (listener) => void ended.then(() => listener(cause ?? new Error(`the process ended: ${printed}`))),
    end: () => {
      // Whoever waits for its end must live to see it.
      child.ref();
      child.kill("SIGKILL");
      return ended;
    },
    unref: () => {
      child.unref();
      child.channel?.unref();
      // A pipe of a child is a socket, which its type does not say.
      if (child.stderr instanceof Socket) child.stderr.unref();
    },
  };
}

const printedMax = 2_000;

/** Built files are JavaScript. In tests the sources run as they are, and a worker compiles them as Jest does. */
const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const loading =
  suffix === ".ts"
    ? ["--import", new URL("../../test/support/run/loadTypescript.mjs", import.meta.url).href]
    : [];

/** Apollo's reading of a supergraph of 2,000 types takes about 1 GB. Beyond this the worker dies, not the gateway. */
const heapMbMax = 3_072;
