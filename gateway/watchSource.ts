/**
 * Follows a source of something served, a supergraph or a policy bundle: its files are watched, and everything is looked
 * at again at an interval, which also finds what file watches miss (network file systems, links that are swapped).
 * Whoever serves is told of a new version once, and of a broken one once; the last good one stays.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Equal ids are the same version. */
export type Version = { readonly id: string };

export type Source<Served extends Version> = {
  /** What is there now; an error tells why nothing can be had. Not to be called again before it has settled. */
  readonly read: () => Promise<Served>;
  /** The files that the last `read` looked at; none of a URL. */
  readonly files: () => readonly string[];
};

export type WatchOptions<Served extends Version> = {
  readonly source: Source<Served>;
  /** What is served now. */
  readonly current: Version;
  /** Time from the end of one look to the next. */
  readonly pollMs: number;
  /** Takes it over, or rejects when it cannot be served; then it is a broken one. */
  readonly onChanged: (version: Served) => Promise<void>;
  /** Undefined when what is there is served again. */
  readonly onProblem: (problem: Error | undefined) => void;
};

export type SourceWatch = {
  /** Looks now; resolves when what was found has been taken over or reported. */
  readonly look: () => Promise<void>;
  /** Resolves when a look under way has ended. */
  readonly close: () => Promise<void>;
};

/** Editors and deployments write several files one after another, and each of them empties it first. */
const settleMs = 100;

export function watchSource<Served extends Version>({
  source,
  current,
  pollMs,
  onChanged,
  onProblem,
}: WatchOptions<Served>): SourceWatch {
  let servedId = current.id;
  let refused: { readonly id: string; readonly problem: Error } | undefined;
  let problem: Error | undefined;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const folders = new Map<string, FSWatcher>();

  /** What is new counts when it is still the same a moment later: a file that is half written is no version yet. */
  async function readSettled(): Promise<Served> {
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

  const isKnown = (found: Served | Error): boolean =>
    found instanceof Error
      ? found.message === problem?.message
      : found.id === servedId || found.id === refused?.id;

  async function takeOver(): Promise<void> {
    const version = await readSettled();
    if (version.id === servedId) return;
    if (version.id === refused?.id) throw refused.problem;
    try {
      await onChanged(version);
      servedId = version.id;
      refused = undefined;
    } catch (thrown) {
      refused = { id: version.id, problem: toError(thrown) };
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

function readOutcome<Served extends Version>(source: Source<Served>): Promise<Served | Error> {
  return source.read().catch(toError);
}

function describe(found: Version | Error): string {
  return found instanceof Error ? found.message : found.id;
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
