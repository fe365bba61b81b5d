/** The process that `seedDatabase` starts: reads its environment and runs prisma/seed.ts. */
import pino from "pino";
import { z } from "zod";
import { seedDatabase } from "../../prisma/seed.ts";

const env = z
  .object({
    DATABASE_URL_REGIONS: z.url(),
    DATABASE_URL_INTELLIGENCE: z.url(),
    DATABASE_URL_ML: z.url(),
    DATABASE_URL_COMPLIANCE: z.url(),
    DATABASE_URL_MOBILE: z.url(),
    ATLAS_REGION: z.string(),
    ATLAS_DATA_FOLDER: z.string().optional(),
  })
  .parse(process.env);

const urls = {
  regions: env.DATABASE_URL_REGIONS,
  intelligence: env.DATABASE_URL_INTELLIGENCE,
  ml: env.DATABASE_URL_ML,
  compliance: env.DATABASE_URL_COMPLIANCE,
  mobile: env.DATABASE_URL_MOBILE,
};

await seedDatabase({
  urlOf: (subgraph) => urls[subgraph],
  dataFolder: env.ATLAS_DATA_FOLDER ?? null,
  region: env.ATLAS_REGION,
  now: new Date(),
  log: pino({ name: "seed" }),
});
