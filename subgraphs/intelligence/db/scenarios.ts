/** Queries on scenarios and their runs. */
import type { Prisma, Scenario, ScenarioRun } from "../../../prisma/generated/client.ts";
import { residencyField } from "../../shared/filters/filterFields.ts";
import type { Reader } from "../../shared/filters/rowFilter.ts";
import { toWhere } from "../../shared/filters/toWhere.ts";
import { isVisible, type WithParent } from "./sql.ts";

export function createScenarioQueries(prisma: Prisma.TransactionClient) {
  return {
    findScenarios: (reader: Reader, take: number): Promise<Scenario[]> =>
      prisma.scenario.findMany({
        where: {
          tenant: { in: [reader.tenant, "public"] },
          ...toWhere(reader, "Scenario", { residency: residencyField }),
        },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        take,
      }),
    findScenariosById: (tenant: string, ids: readonly string[]): Promise<Scenario[]> =>
      prisma.scenario.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),
    findScenarioRunsById: (tenant: string, ids: readonly string[]): Promise<ScenarioRun[]> =>
      prisma.scenarioRun.findMany({ where: { id: { in: [...ids] }, tenant: { in: [tenant, "public"] } } }),
    findRunsOfScenarios: (
      reader: Reader,
      scenarioIds: readonly string[],
      take: number,
    ): Promise<WithParent<ScenarioRun>[]> =>
      prisma.$queryRaw<WithParent<ScenarioRun>[]>`
        SELECT asked.id AS parent, run.id, run.tenant, run.residency, run.scenario_id AS "scenarioId", run.seed, run.status,
               run.progress, run.result, run.started_at AS "startedAt", run.finished_at AS "finishedAt"
        FROM unnest(${[...scenarioIds]}::uuid[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT * FROM intelligence.scenario_run run
          WHERE run.scenario_id = asked.id AND ${isVisible("run", reader, "ScenarioRun")}
          ORDER BY run.started_at DESC, run.id DESC LIMIT ${take}
        ) run
        ORDER BY run.started_at DESC, run.id DESC`,
    storeScenario: async (
      scenario: Prisma.ScenarioCreateInput,
      run: Prisma.ScenarioRunCreateInput,
    ): Promise<void> => {
      await prisma.scenario.createMany({ data: [scenario], skipDuplicates: true });
      await prisma.scenarioRun.createMany({ data: [run], skipDuplicates: true });
    },
  };
}
