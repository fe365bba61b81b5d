/** A compiled program of ours as a process of its own, which says on its output when it is ready. */
import { compiled } from "../../infra/local/paths.ts";
import { type RunningProcess, spawnProcess } from "../../infra/local/processes/spawnProcess.ts";

export type StartedProgram = AsyncDisposable & {
  readonly process: RunningProcess;
  /** The first line that begins so; rejects when the process ends before it says it. */
  readonly line: (prefix: string) => Promise<string>;
};

/** `script` in `dist/`. */
export function startProgram(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): StartedProgram {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const child = spawnProcess({
    script: compiled(script),
    args,
    env: { APOLLO_TELEMETRY_DISABLED: "1", ...env },
    onLine: (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    },
  });
  return {
    process: child,
    line: (prefix) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((one) => one.startsWith(prefix));
          if (found === undefined) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
        void child.exited.then(({ code }) =>
          reject(new Error(`${script} ended with ${code}:\n${lines.slice(-20).join("\n")}`)),
        );
      }),
    [Symbol.asyncDispose]: async () => {
      await child.stop();
    },
  };
}
