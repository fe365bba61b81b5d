import type { CallerContext } from "../shared/verifyContext.ts";
import type { Db } from "./db.ts";
import type { Loaders } from "./loaders.ts";
import type { Owner } from "./owner.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly owner: Owner;
  readonly db: Db;
  readonly loaders: Loaders;
};
