/**
 * Versions that this process has in memory, ready to answer. They never change, so nothing has to be thrown away but for
 * room: the champion and those before it stay, which is why a rollback loads nothing.
 */
import type { Db } from "./db.ts";
import { fromBytes, unflatten } from "./domain/models/parameters.ts";
import type { LogisticModel } from "./domain/predict.ts";
import { toLogisticModel } from "./domain/registry/toLogisticModel.ts";

export type LoadedVersions = {
  /** Undefined for a version that is not there or answers no questions about countries. */
  readonly load: (versionId: string) => Promise<LogisticModel | undefined>;
};

/** A champion, a challenger, a shadow, and those before them. */
const versionsMax = 16;

export function createLoadedVersions(db: Db): LoadedVersions {
  const loaded = new Map<string, Promise<LogisticModel | undefined>>();
  return {
    load: (versionId) => {
      const model = loaded.get(versionId) ?? read(versionId);
      // Least recently asked first.
      loaded.delete(versionId);
      loaded.set(versionId, model);
      const [oldest] = loaded.keys();
      if (loaded.size > versionsMax && oldest !== undefined) loaded.delete(oldest);
      return model;
    },
  };

  async function read(versionId: string): Promise<LogisticModel | undefined> {
    try {
      const stored = await db.findVersionParameters(versionId);
      const weights = stored && (await db.findParameters(stored.parameters.weightsHash));
      const model = weights
        ? toLogisticModel(stored.parameters, unflatten(weights.manifest, fromBytes(weights.vector)))
        : undefined;
      // It may come from another region in a moment.
      if (!model) loaded.delete(versionId);
      return model;
    } catch (error) {
      loaded.delete(versionId);
      throw error;
    }
  }
}
