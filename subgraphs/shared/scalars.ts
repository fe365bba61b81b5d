/** The scalars that the SDLs declare. */
import { GraphQLError, GraphQLScalarType, Kind } from "graphql";

export const DateTime = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  serialize: (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
    throw new GraphQLError("a DateTime resolver gave something that is no date");
  },
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
});

/** As it comes: whoever reads it checks it. */
export const AnyJson = new GraphQLScalarType<unknown, unknown>({ name: "JSON" });

/** ISO 8601 with seconds and offset (RFC 3339); `Date` alone would also take "1" and local times. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

function parseDateTime(value: unknown): Date {
  const date =
    typeof value === "string" && RFC_3339.test(value) && isDay(value) ? new Date(value) : undefined;
  if (date && !Number.isNaN(date.getTime())) return date;
  throw new GraphQLError(
    `expected a DateTime such as "2026-03-03T12:00:00Z"; got ${JSON.stringify(value)?.slice(0, 80)}`,
    { extensions: { code: "BAD_USER_INPUT" } },
  );
}

/** `Date` takes 30 February for 2 March. */
function isDay(text: string): boolean {
  const day = new Date(text.slice(0, 10));
  return day.getUTCDate() === Number(text.slice(8, 10));
}
