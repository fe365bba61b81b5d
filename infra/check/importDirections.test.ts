import { describe, expect, test } from "@jest/globals";
import { checkImportDirections, findForbiddenImports } from "./importDirections.ts";

describe("import directions", () => {
  test("hold in the whole checkout", async () => {
    expect(await checkImportDirections()).toEqual([]);
  });

  test.each([
    ["gateway/server.ts", "../subgraphs/shared/ids.ts"],
    ["gateway/stages/callSubgraph.ts", "../../infra/local/ports.ts"],
    ["gateway/engine/createEngine.ts", "../http/health.ts"],
    ["gateway/engine/execution/executeFetch.ts", "../../../policies/runtime/decideFields.ts"],
    ["gateway/engine/execution/executeFetch.ts", "undici"],
    ["gateway/engine/engine.ts", "../stages/planOperation.ts"],
    ["gateway/stages/identifyCaller.ts", "./admitOperation.ts"],
    ["gateway/stages/authorization/decide.ts", "../planOperation.ts"],
    ["gateway/stages/planOperation.ts", "./shapeAnswer.ts"],
    ["subgraphs/ml/loaders.ts", "../regions/db.ts"],
    ["subgraphs/ml/jobs/rounds/train.ts", "../../../mobile/domain/sync.ts"],
    ["subgraphs/shared/ids.ts", "../ml/rows.ts"],
    ["subgraphs/ml/main.ts", "../../gateway/errors.ts"],
    ["subgraphs/ml/resolvers/Query.ts", "../../../prisma/generated/client.ts"],
    ["subgraphs/ml/jobs/seed.ts", "@prisma/client"],
    ["subgraphs/ml/domain/scoreRisk.ts", "graphql"],
    ["subgraphs/ml/domain/scoreRisk.ts", "../db.ts"],
    ["subgraphs/ml/domain/scoreRisk.ts", "../db/models.ts"],
    ["subgraphs/ml/db.ts", "./loaders.ts"],
    ["subgraphs/ml/db/models.ts", "graphql"],
    ["policies/runtime/decideFields.ts", "../../gateway/errors.ts"],
  ])("%s may not import %s", (file, specifier) => {
    const written = [
      `import { x } from "${specifier}";`,
      `import type {\n  X,\n} from "${specifier}";`,
      `export { x } from "${specifier}";`,
      `const x = await import("${specifier}");`,
    ];
    for (const source of written) expect(findForbiddenImports(file, source)).toHaveLength(1);
  });

  test.each([
    ["gateway/stages/authorizeFields.ts", "../../policies/runtime/decideFields.ts"],
    ["gateway/stages/maskErrors.ts", "./identifyCaller.ts"],
    ["subgraphs/ml/domain/scoreRisk.ts", "../../shared/ids.ts"],
    ["subgraphs/ml/db.ts", "../../prisma/generated/client.ts"],
    ["subgraphs/ml/loaders.ts", "./db.ts"],
    ["subgraphs/ml/loaders.test.ts", "../../test/support/startDatabase.ts"],
  ])("%s may import %s", (file, specifier) => {
    expect(findForbiddenImports(file, `import { x } from "${specifier}";`)).toEqual([]);
  });
});
