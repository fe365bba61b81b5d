/**
 * What `prisma generate` reads. Prisma makes the typed client only: migrations are plain SQL with a runner of our
 * own (docs/decisions/0001-plain-sql-migrations-and-one-build.md), so no database URL is needed here.
 */
import { defineConfig } from "prisma/config";

export default defineConfig({ schema: "prisma/schema" });
