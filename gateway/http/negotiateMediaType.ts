/** Chooses the media type of an answer from the Accept header (RFC 9110 §12.5.1, GraphQL over HTTP §6.1). */

export type MediaType = "application/graphql-response+json" | "application/json" | "text/event-stream";

/** In the order of preference when a client names several with the same weight. */
const offered: readonly MediaType[] = [
  "application/graphql-response+json",
  "application/json",
  "text/event-stream",
];

type Range = { readonly type: string; readonly weight: number };

/**
 * No header, or only wildcards, means `application/json`: clients older than the specification expect it.
 * Returns undefined when the client accepts nothing that is offered.
 */
export function negotiateMediaType(accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === "") return "application/json";
  const ranges = accept.split(",").map(parseRange);
  const named = offered
    .map((type) => ({ type, weight: weightOf(type, ranges) }))
    .filter(({ weight }) => weight !== undefined && weight > 0);
  const best = Math.max(0, ...named.map(({ weight }) => weight ?? 0));
  const wildcard = weightOf("*/*", ranges) ?? weightOf("application/*", ranges) ?? 0;
  // A wildcard of a higher weight than every named type still means the type that everybody reads.
  if (named.length > 0 && best >= wildcard) return named.find(({ weight }) => weight === best)?.type;
  if (wildcard > 0 && weightOf("application/json", ranges) !== 0) return "application/json";
  return (weightOf("text/*", ranges) ?? 0) > 0 ? "text/event-stream" : undefined;
}

function weightOf(type: string, ranges: readonly Range[]): number | undefined {
  return ranges.find((range) => range.type === type)?.weight;
}

function parseRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const value = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, weight: Number.isFinite(value) ? value : 0 };
}
