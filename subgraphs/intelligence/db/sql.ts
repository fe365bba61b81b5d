import { Prisma } from "../../../prisma/generated/client.ts";
import { markingField, residencyField } from "../../shared/filters/filterFields.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import { toSql } from "../../shared/filters/toSql.ts";

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

/** Types of the graph whose rows a caller may see in part, with the attributes that filters name. */
const filtered = {
  Signal: { marking: markingField, residency: residencyField },
  RiskAssessment: { marking: markingField, residency: residencyField },
  Scenario: { residency: residencyField },
  ScenarioRun: { residency: residencyField },
};

/** `isReadable`, as far as policies let the caller see rows of this type. */
export function isVisible(alias: string, reader: Reader, type: keyof typeof filtered): Prisma.Sql {
  return Prisma.sql`${isReadable(alias, reader.tenant)} AND ${toSql(reader, { type, alias, fields: filtered[type] })}`;
}

/** `isListed`, as far as policies let the caller see signals. */
export function isListedFor(alias: string, reader: Reader): Prisma.Sql {
  return Prisma.sql`${isVisible(alias, reader, "Signal")} AND NOT ${Prisma.raw(alias)}.revoked`;
}
