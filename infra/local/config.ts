/** The environment of the launcher and of the commands beside it, parsed once. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { checkout } from "./paths.ts";

const environment = z.object({
  /** Code of the region that runs here. */
  ATLAS_REGION: z.string().default("us-east"),
  /** Where the local state is; tests start regions beside each other. */
  ATLAS_LOCAL_FOLDER: z.string().min(1).default(join(checkout, ".atlas")),
  /** Files that the first start imports; empty for none. */
  ATLAS_DATA_FOLDER: z.string().default(join(checkout, "../shared/data")),
  /** What a region does when no other takes synchronous copies: refuse durable writes, or go on and record a signed waiver. */
  ATLAS_RPO: z.enum(["refuse", "waive"]).default("refuse"),
  /** The database of `db:migrate` and `import`, in place of the local one. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
});

const parsed = environment.parse(process.env);

export const localConfig = Object.freeze({
  region: parsed.ATLAS_REGION,
  stateFolder: resolve(parsed.ATLAS_LOCAL_FOLDER),
  /** Undefined where there is none: the seed then uses what npm packages ship. */
  dataFolder:
    parsed.ATLAS_DATA_FOLDER !== "" && existsSync(parsed.ATLAS_DATA_FOLDER)
      ? resolve(parsed.ATLAS_DATA_FOLDER)
      : undefined,
  rpo: parsed.ATLAS_RPO,
  databaseUrl: parsed.DATABASE_URL,
});
