import { getUuid, parseGlobalId } from "../../shared/ids.ts";
import { parseFirst, toConnection } from "../../shared/page.ts";
import { entityTypeOf } from "../domain/entityType.ts";
import { domains } from "../domain/fusionContributions.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { fuseCountry } from "./fuseCountry.ts";
import {
  parseCountryCode,
  parseEntityFilter,
  parseKeyedPage,
  parseSignalFilter,
  parseText,
} from "./parseArguments.ts";
import { signalKey } from "./Signal.ts";

export const Query: QueryResolvers = {
  signal: (_root, { id }, { loaders }) => loaders.signal.load(getUuid(id, "Signal")),
  signals: async (_root, args, { db, caller }) => {
    const page = parseKeyedPage(args, "moment");
    const filter = parseSignalFilter(args.filter);
    const rows = await db.findSignals(caller, filter, page);
    return toConnection(rows, page, signalKey, () => db.countSignals(caller, filter));
  },
  sources: (_root, _args, { db }) => db.findSources(),
  source: (_root, { code }, { loaders }) => loaders.sourceByCode.load(parseText(code)),
  entity: async (_root, { id }, { loaders }) => {
    const parsed = parseGlobalId(id);
    const row = parsed && (await loaders.entity.load(parsed.uuid));
    return row && entityTypeOf(row).toLowerCase() === parsed.type ? row : null;
  },
  entities: async (_root, args, { db, caller }) => {
    const page = parseKeyedPage(args, "text");
    const filter = parseEntityFilter(args.filter);
    const rows = await db.findEntities(caller.tenant, filter, page);
    return toConnection(
      rows,
      page,
      ({ name, id }) => [name, id],
      () => db.countEntities(caller.tenant, filter),
    );
  },
  riskAssessment: (_root, { id }, { loaders }) => loaders.assessment.load(getUuid(id, "RiskAssessment")),
  riskAssessments: async (_root, args, { db, caller }) => {
    const page = parseKeyedPage(args, "number");
    const filter = {
      ...(args.country ? { country: parseCountryCode(args.country) } : {}),
      ...(typeof args.minScore === "number" ? { minScore: args.minScore } : {}),
    };
    const rows = await db.findAssessments(caller, filter, page);
    const count = () => db.countAssessments(caller, filter);
    return toConnection(rows, page, ({ score, id }) => [String(score), id], count);
  },
  fuse: (_root, { country, domains: asked, method }, { db, caller }) =>
    fuseCountry(db, caller, {
      country: parseCountryCode(country),
      domains: asked ?? domains,
      method: method ?? "LATE",
    }),
  scenarios: (_root, { first }, { db, caller }) => db.findScenarios(caller, parseFirst(first ?? 20, 100)),
  scenario: (_root, { id }, { loaders }) => loaders.scenario.load(getUuid(id, "Scenario")),
  indicator: (_root, { code }, { loaders }) => loaders.indicator.load(parseText(code)),
  indicators: (_root, { country, first }, { db }) =>
    db.findIndicators(parseFirst(first ?? 50, 500), country ? parseCountryCode(country) : undefined),
  importRuns: (_root, { first, source }, { db }) =>
    db.findImportRuns(parseFirst(first ?? 20, 100), source ? parseText(source) : undefined),
};
