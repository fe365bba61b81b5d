import { Prisma } from "../../../prisma/generated/client.ts";

/** A row found for one of several parents that were asked about at once. */
export type WithParent<Row> = Row & { readonly parent: string };

/** Rows of the caller's tenant and those that belong to everybody; nothing else is ever read for a caller. */
export function isReadable(table: string, tenant: string): Prisma.Sql {
  return Prisma.sql`${Prisma.raw(table)}.tenant IN (${tenant}, 'public')`;
}

/** Of signals: readable, and not taken back by their source. */
export function isListed(table: string, tenant: string): Prisma.Sql {
  return Prisma.sql`${isReadable(table, tenant)} AND NOT ${Prisma.raw(table)}.revoked`;
}

/** A text in which `%` and `_` stand for themselves, for LIKE. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
