/** What the Prisma schema says of tables, read from its files: the generated client no longer tells. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../../infra/local/paths.ts";

export type Column = {
  readonly name: string;
  /** As format_type() of PostgreSQL has it. */
  readonly type: string;
  readonly nullable: boolean;
};

export type PrismaModel = {
  readonly name: string;
  /** Such as `compliance.violation`. */
  readonly table: string;
  readonly columns: readonly Column[];
  /** Column lists of the primary key and of unique constraints, in no order. */
  readonly keys: readonly string[];
};

export function loadPrismaModels(): PrismaModel[] {
  const folder = join(checkout, "prisma/schema");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".prisma"))
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .flatMap((text) => [...text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)])
    .map(([, name = "", body = ""]) => toModel(name, body));
}

function toModel(name: string, body: string): PrismaModel {
  const fields = [...body.matchAll(/^ {2}(\w+) +(\w+)(\[\])?(\?)?(.*)$/gm)].map(
    ([, field = "", type = "", list, optional, rest = ""]) => ({
      field,
      column: /@map\("(\w+)"\)/.exec(rest)?.[1] ?? field,
      type: `${typeOf(type, rest)}${list ?? ""}`,
      nullable: optional === "?",
      isKey: /@(id|unique)\b/.test(rest),
    }),
  );
  const columnOf = (field: string) => fields.find((one) => one.field === field)?.column ?? field;
  const compound = [...body.matchAll(/@@(?:id|unique)\(\[([^\]]+)\]/g)].map(([, list = ""]) =>
    list.split(/, */).map(columnOf).join(", "),
  );
  const schema = /@@schema\("(\w+)"\)/.exec(body)?.[1];
  const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
  return {
    name,
    table: `${schema}.${table}`,
    columns: fields.map(({ column, type, nullable }) => ({ name: column, type, nullable })),
    keys: [...fields.flatMap(({ isKey, column }) => (isKey ? [column] : [])), ...compound],
  };
}

function typeOf(type: string, rest: string): string {
  const native = /@db\.(\w+)/.exec(rest)?.[1];
  const found = types[native ?? type];
  if (found === undefined) throw new Error(`no PostgreSQL type is known for ${native ?? type}`);
  return found;
}

const types: Readonly<Record<string, string>> = {
  String: "text",
  Int: "integer",
  BigInt: "bigint",
  Bytes: "bytea",
  Real: "real",
  Float: "double precision",
  Boolean: "boolean",
  Json: "jsonb",
  Uuid: "uuid",
  Date: "date",
  Timestamptz: "timestamp(3) with time zone",
};
