import type { CallerContext } from "../shared/verifyContext.ts";
import type { AskGateway } from "./askGateway.ts";
import type { Db } from "./db.ts";
import type { Loaders } from "./loaders.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly db: Db;
  readonly loaders: Loaders;
  /** By which the record of decisions names people. */
  readonly subjectKey: Uint8Array;
  readonly askGateway: AskGateway;
  /** When the request came: a waiver runs out for all of an answer or for none of it. */
  readonly now: Date;
};
