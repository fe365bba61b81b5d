/**
 * Follows the source of the supergraph: its files are watched, and everything is looked at again at an interval, which
 * also finds what file watches miss (network file systems, links that are swapped). Whoever serves is told of a new
 * supergraph once, and of a broken one once; the last good one stays.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SupergraphSource } from "./createSupergraphSource.ts";
import type { Supergraph } from "./supergraph.ts";

export type WatchOptions = {
  readonly source: SupergraphSource;
  /** What is served now. */
  readonly current: Supergraph;
  /** Time from the end of one look to the next. */
  readonly pollMs: number;
  /** Takes it over, or rejects when it cannot be served; then it is a broken one. */
  readonly onChanged: (supergraph: Supergraph) => Promise<void>;
  /** Undefined when what is there is served again. */
  readonly onProblem: (problem: Error | undefined) => void;
};

export type SupergraphWatch = {
  /** Looks now; resolves when what was found has been taken over or reported. */
  readonly look: () => Promise<void>;
  /** Resolves when a look under way has ended. */
  readonly close: () => Promise<void>;
};

/** Editors and deployments write several files one after another, and each of them empties it first. */
const settleMs = 100;

export function watchSupergraph({
  source,
  current,
  pollMs,
  onChanged,
  onProblem,
}: WatchOptions): SupergraphWatch {
  let servedId = current.id;
  let refused: { readonly id: string; readonly problem: Error } | undefined;
  let problem: Error | undefined;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const folders = new Map<string, FSWatcher>();

  /** What is new counts when it is still the same a moment later: a file that is half written is no supergraph yet. */
  async function readSettled(): Promise<Supergraph> {
    let found = await readOutcome(source);
    while (!isClosed && !isKnown(found)) {
      await sleep(settleMs);
      const before = describe(found);
      found = await readOutcome(source);
      if (describe(found) === before) break;
    }
    if (found instanceof Error) throw found;
    return found;
  }

  const isKnown = (found: Supergraph | Error): boolean =>
    found instanceof Error
      ? found.message === problem?.message
      : found.id === servedId || found.id === refused?.id;

  async function takeOver(): Promise<void> {
    const supergraph = await readSettled();
    if (supergraph.id === servedId) return;
    if (supergraph.id === refused?.id) throw refused.problem;
    try {
      await onChanged(supergraph);
      servedId = supergraph.id;
      refused = undefined;
    } catch (thrown) {
      refused = { id: supergraph.id, problem: toError(thrown) };
      throw thrown;
    }
  }

  async function lookOnce(): Promise<void> {
    let found: Error | undefined;
    try {
      await takeOver();
    } catch (thrown) {
      found = toError(thrown);
    }
    if (isClosed) return;
    if (found?.message !== problem?.message) onProblem(found);
    problem = found;
    watchFolders();
  }

  function look(): Promise<void> {
    clearTimeout(timer);
    looking ??= lookOnce().finally(() => {
      looking = undefined;
      schedule(pollMs);
    });
    return looking;
  }

  function schedule(afterMs: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(() => void look(), afterMs).unref();
  }

  /** Folders, because a file that is replaced is another file. */
  function watchFolders(): void {
    const wanted = new Set(source.files().map((file) => dirname(file)));
    for (const [folder, watcher] of folders)
      if (!wanted.has(folder)) {
        watcher.close();
        folders.delete(folder);
      }
    for (const folder of wanted) if (!folders.has(folder)) watchFolder(folder);
  }

  function watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => schedule(settleMs));
      // It has gone, or the system has no watches left: the interval remains.
      watcher.on("error", () => {
        watcher.close();
        folders.delete(folder);
      });
      folders.set(folder, watcher);
    } catch {
      // As above.
    }
  }

  watchFolders();
  schedule(pollMs);
  return {
    look,
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      for (const watcher of folders.values()) watcher.close();
      await looking;
    },
  };
}

function readOutcome(source: SupergraphSource): Promise<Supergraph | Error> {
  return source.read().catch(toError);
}

function describe(found: Supergraph | Error): string {
  return found instanceof Error ? found.message : found.id;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
