/**
 * Versions that this process has in memory, ready to answer. They never change, so nothing has to be thrown away but for
 * room: the champion and those before it stay, which is why a rollback loads nothing.
 */
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { Db } from "./db.ts";
import { createInference, type LoadedModel } from "./inference/createInference.ts";

export type LoadedVersions = {
  /** Undefined for a version that is not there, or whose weights are not there yet, or that cannot answer. */
  readonly load: (versionId: string) => Promise<LoadedModel | undefined>;
};

/** A champion, a challenger, a shadow, and those before them. */
const versionsMax = 16;

export function createLoadedVersions(db: Db, log: Logger): LoadedVersions {
  const inference = createInference({ findParameters: db.findParameters, log, loadedMax: versionsMax });
  const loaded = new LRUCache<string, LoadedModel>({ max: versionsMax });
  return {
    load: async (versionId) => {
      const known = loaded.get(versionId);
      if (known) return known;
      const stored = await db.findVersionContent(versionId);
      if (!stored) return undefined;
      try {
        const model = await inference.load(stored);
        loaded.set(versionId, model);
        return model;
      } catch (error) {
        log.warn({ err: error, versionId }, "version cannot answer");
        return undefined;
      }
    },
  };
}
