/** The environment of the launcher and of the commands beside it, parsed once. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { checkout } from "./paths.ts";

const environment = z.object({
  /** Where the local state is; tests start regions beside each other. */
  ATLAS_LOCAL_FOLDER: z.string().min(1).default(join(checkout, ".atlas")),
  /** Files that the first start imports; empty for none. */
  ATLAS_DATA_FOLDER: z.string().default(join(checkout, "../shared/data")),
});

const { ATLAS_LOCAL_FOLDER, ATLAS_DATA_FOLDER } = environment.parse(process.env);

export const localConfig = Object.freeze({
  stateFolder: resolve(ATLAS_LOCAL_FOLDER),
  /** Undefined where there is none: the seed then uses what npm packages ship. */
  dataFolder:
    ATLAS_DATA_FOLDER !== "" && existsSync(ATLAS_DATA_FOLDER) ? resolve(ATLAS_DATA_FOLDER) : undefined,
});
