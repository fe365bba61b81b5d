import { validate } from "uuid";
import { getUuid } from "../../shared/ids.ts";
import { parseFirst, parsePage, toConnection } from "../../shared/page.ts";
import { toChainSource } from "../chainSource.ts";
import { verifyChain } from "../domain/verifyChain.ts";
import { explain, toAccessFacts } from "../explainAccess.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";
import { toDecisionFilter } from "../toDecisionFilter.ts";

const listSize = 20;
const listSizeMax = 100;
const decisionKey = ["moment", "text", "number", "number"] as const;

export const Query: QueryResolvers = {
  controls: (_root, { framework }, { db }) => db.findControls(framework ?? undefined),
  control: (_root, { code }, { loaders }) => loaders.controlByCode.load(code.toUpperCase()),
  scans: (_root, { first, region }, { db }) =>
    db.findScans(parseFirst(first ?? listSize, listSizeMax), region ?? undefined),
  violations: async (_root, args, { db, caller, now }) => {
    const page = parsePage(args, { size: listSize, sizeMax: listSizeMax, key: ["moment", "uuid"] });
    const status = args.status ?? undefined;
    const rows = await db.findViolations(caller, page, now, status);
    return toConnection(
      rows,
      page,
      (row) => [row.detectedAt.toISOString(), row.id],
      () => db.countViolations(caller, now, status),
    );
  },
  violation: (_root, { id }, { loaders }) => loaders.violation.load(getUuid(id, "Violation")),
  evidence: async (_root, { first, control: code }, { db, caller, loaders }) => {
    const take = parseFirst(first ?? listSize, listSizeMax);
    if (code === null || code === undefined) return db.findEvidence(caller, take);
    const control = await loaders.controlByCode.load(code.toUpperCase());
    return control ? db.findEvidence(caller, take, control.id) : [];
  },
  decisions: async (_root, args, { db, caller, subjectKey }) => {
    const page = parsePage(args, { size: listSize, sizeMax: listSizeMax, key: decisionKey });
    const filter = toDecisionFilter(args.filter, subjectKey);
    const rows = await db.findDecisions(caller.tenant, page, filter);
    return toConnection(
      rows,
      page,
      (row) => [row.decidedAt.toISOString(), row.decisionId, String(row.sequence), String(row.seq)],
      () => db.countDecisions(caller.tenant, filter),
    );
  },
  decision: async (_root, { decisionId }, { loaders }) =>
    (await loaders.decisions.load(decisionId)).at(0) ?? null,
  decisionChains: (_root, { first }, { db }) =>
    db.findDecisionChains(parseFirst(first ?? listSize, listSizeMax)),
  verifyDecisionChain: async (_root, { id }, { db, loaders }) => {
    const chain = validate(id) ? await loaders.decisionChain.load(id) : null;
    return chain && { chain, ...(await verifyChain(chain.id, toChainSource(db, chain.id))) };
  },
  explainAccess: (_root, { as, ...asked }, context) => {
    const { caller } = context;
    return explain(context, asked, {
      anonymous: as.anonymous ?? false,
      // Of nobody in particular: rules about a person's own rows hold for somebody else.
      subject: "somebody",
      tenant: caller.tenant,
      roles: as.roles ?? [],
      scopes: as.scopes ?? [],
      clearance: as.clearance ?? "clear",
      purpose: as.purpose ?? null,
      region: as.region ?? caller.region,
      jurisdiction: caller.jurisdiction,
    });
  },
  explainMyAccess: (_root, asked, context) => explain(context, asked, toAccessFacts(context.caller)),
  policyShadow: (_root, _args, { askGateway }) => askGateway.findShadow(),
  retentionRules: (_root, _args, { db }) => db.findRetentionRules(),
};
