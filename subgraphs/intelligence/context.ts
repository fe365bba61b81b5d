import type { CallerContext } from "../shared/verifyContext.ts";
import type { Db } from "./db.ts";
import type { Ingestion } from "./ingest/openIngestion.ts";
import type { Loaders } from "./loaders.ts";
import type { SignalFeed } from "./signalFeed.ts";

/** What every resolver of one request shares. */
export type Context = {
  readonly caller: CallerContext;
  readonly db: Db;
  readonly loaders: Loaders;
  readonly signalFeed: SignalFeed;
  readonly ingestion: Pick<Ingestion, "listLag" | "delay">;
  /** Code of the region in which this process runs. */
  readonly region: string;
};
