/** From SDL to what serving needs, as data that another thread can be sent. */
import { type GraphQLSchema, parse, printSchema, Source, validateSchema } from "graphql";
import { readCostRules } from "./costRules.ts";
import { readDataClasses } from "./dataClasses.ts";
import { readEventKeys } from "./eventKeys.ts";
import { readOverrideLabels } from "./overrideLabels.ts";
import { parseSupergraph } from "./parseSupergraph.ts";
import { findRequirementConflicts } from "./requirementConflicts.ts";
import { readRequirements } from "./requirements.ts";
import { readReservedKeys } from "./reservedKeys.ts";
import { readResolvableKeys } from "./resolvableKeys.ts";
import { readSecurityRules } from "./securityRules.ts";
import type { Supergraph } from "./supergraph.ts";
import { SupergraphError } from "./supergraphError.ts";

/** As a supergraph, with its schemas as SDL in parts that are quick to parse one by one. */
export type ReadSupergraph = Omit<Supergraph, "apiSchema" | "supergraphSchema"> & {
  readonly apiSdl: readonly string[];
  readonly supergraphSdl: readonly string[];
};

/** Characters; parsed in about a millisecond. */
const partLength = 8_000;

/** `source` is what messages call it. Throws a SupergraphError. */
export function readSupergraph(sdl: string, source: string): ReadSupergraph {
  const supergraph = parseSupergraph(sdl, source);
  const { parsed, id, subgraphs } = supergraph;
  const apiSchema = parsed.apiSchema().toGraphQLJSSchema();
  // The thread that serves takes it as valid.
  const faults = validateSchema(apiSchema);
  if (faults.length > 0)
    throw new SupergraphError(
      `${source}: not a schema for clients`,
      faults.map(({ message }) => message),
    );
  return {
    sdl,
    id,
    subgraphs,
    apiSdl: printInParts(apiSchema),
    supergraphSdl: printInParts(parsed.schema.toGraphQLJSSchema()),
    facts: {
      security: readSecurityRules(supergraph),
      cost: readCostRules(supergraph),
      classes: readDataClasses(supergraph),
      reserved: readReservedKeys(supergraph),
      conflicts: findRequirementConflicts(supergraph),
      resolvableKeys: readResolvableKeys(supergraph),
      requirements: readRequirements(supergraph),
      overrideLabels: readOverrideLabels(supergraph),
      eventKeys: readEventKeys(supergraph),
    },
  };
}

/** Cut between definitions. */
function printInParts(schema: GraphQLSchema): string[] {
  const text = printSchema(schema);
  const parts: string[] = [];
  let start = 0;
  let end = 0;
  for (const { loc } of parse(new Source(text)).definitions) {
    if (loc && loc.end - start > partLength && end > start) {
      parts.push(text.slice(start, end));
      start = end;
    }
    end = loc?.end ?? end;
  }
  return [...parts, text.slice(start)];
}
