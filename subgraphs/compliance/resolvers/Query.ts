import { getUuid } from "../../shared/ids.ts";
import { parseFirst, parsePage, toConnection } from "../../shared/page.ts";
import type { QueryResolvers } from "../generated/resolvers.ts";

const listSize = 20;
const listSizeMax = 100;

export const Query: QueryResolvers = {
  controls: (_root, { framework }, { db }) => db.findControls(framework ?? undefined),
  control: (_root, { code }, { loaders }) => loaders.controlByCode.load(code.toUpperCase()),
  scans: (_root, { first, region }, { db }) =>
    db.findScans(parseFirst(first ?? listSize, listSizeMax), region ?? undefined),
  violations: async (_root, args, { db, caller, now }) => {
    const page = parsePage(args, { size: listSize, sizeMax: listSizeMax, key: ["moment", "uuid"] });
    const status = args.status ?? undefined;
    const rows = await db.findViolations(caller.tenant, page, now, status);
    return toConnection(
      rows,
      page,
      (row) => [row.detectedAt.toISOString(), row.id],
      () => db.countViolations(caller.tenant, now, status),
    );
  },
  violation: (_root, { id }, { loaders }) => loaders.violation.load(getUuid(id, "Violation")),
  evidence: async (_root, { first, control: code }, { db, caller, loaders }) => {
    const take = parseFirst(first ?? listSize, listSizeMax);
    if (code === null || code === undefined) return db.findEvidence(caller.tenant, take);
    const control = await loaders.controlByCode.load(code.toUpperCase());
    return control ? db.findEvidence(caller.tenant, take, control.id) : [];
  },
  decisions: (_root, { first }, { db, caller }) =>
    db.findDecisions(caller.tenant, parseFirst(first ?? listSize, listSizeMax)),
  decision: (_root, { decisionId }, { loaders }) => loaders.decision.load(decisionId),
  retentionRules: (_root, _args, { db }) => db.findRetentionRules(),
};
