import type { CallerContext } from "../shared/verifyContext.ts";
import type { Db } from "./db.ts";
import type { Loaders } from "./loaders.ts";
import type { RegionFeed } from "./regionFeed.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly db: Db;
  readonly loaders: Loaders;
  /** The region that answers. */
  readonly region: string;
  readonly regionFeed: RegionFeed;
};
