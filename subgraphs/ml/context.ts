import type { CallerContext } from "../shared/verifyContext.ts";
import type { Db } from "./db.ts";
import type { Loaders } from "./loaders.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly db: Db;
  readonly loaders: Loaders;
  /** Code of the region in which this process runs. */
  readonly region: string;
};
