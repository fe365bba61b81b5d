import type { CallerContext } from "../shared/verifyContext.ts";
import type { Db } from "./db.ts";
import type { LoadedVersions } from "./loadedVersions.ts";
import type { Loaders } from "./loaders.ts";
import type { RoundFeed } from "./roundFeed.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly db: Db;
  readonly loaders: Loaders;
  readonly versions: LoadedVersions;
  readonly roundFeed: RoundFeed;
  /** Code of the region in which this process runs. */
  readonly region: string;
};
