/** Arguments that several fields share, from what GraphQL gives to what the queries take. Each throws BAD_USER_INPUT. */
import { AppError } from "../../shared/errors.ts";
import { type KeyPart, type PageArguments, type PageRequest, parsePage } from "../../shared/page.ts";
import type { EntityFilter } from "../db/entities.ts";
import type { SignalFilter } from "../domain/signalFilter.ts";
import type {
  EntityFilter as EntityFilterInput,
  SignalFilter as SignalFilterInput,
} from "../generated/resolvers.ts";

export function parseSignalFilter(input: SignalFilterInput | null | undefined): SignalFilter {
  const { domains, countries, sources, minSeverity, observedFrom, observedBefore } = input ?? {};
  return {
    ...(domains ? { domains } : {}),
    ...(countries ? { countries: countries.map(parseCountryCode) } : {}),
    ...(sources ? { sources: sources.map(parseText) } : {}),
    ...(typeof minSeverity === "number" ? { minSeverity } : {}),
    ...(observedFrom ? { observedFrom } : {}),
    ...(observedBefore ? { observedBefore } : {}),
  };
}

export function parseEntityFilter(input: EntityFilterInput | null | undefined): EntityFilter {
  const { kinds, nameContains, countries, sources } = input ?? {};
  return {
    ...(kinds ? { kinds } : {}),
    ...(typeof nameContains === "string" ? { nameContains: parseText(nameContains) } : {}),
    ...(countries ? { countries: countries.map(parseCountryCode) } : {}),
    ...(sources ? { sources: sources.map(parseText) } : {}),
  };
}

export function parseCountryCode(code: string): string {
  if (/^[a-z]{2}$/i.test(code)) return code.toUpperCase();
  throw new AppError(
    "BAD_USER_INPUT",
    `expected an ISO 3166-1 alpha-2 code such as "DE"; got ${quote(code)}`,
  );
}

/** PostgreSQL stores no NUL and would fail on one in the middle of the query. */
export function parseText(text: string): string {
  if (!text.includes("\0")) return text;
  throw new AppError("BAD_USER_INPUT", `expected a text without NUL; got ${quote(text)}`);
}

/** A page of a list that is ordered by one column and the id. */
export function parseKeyedPage(args: PageArguments, sortKey: KeyPart): PageRequest {
  return parsePage(args, { size: 20, sizeMax: 100, key: [sortKey, "uuid"] });
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
