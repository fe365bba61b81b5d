/** The stream of `npm run bench:continual`, cut short. */
import { pathToFileURL } from "node:url";
import { beforeAll, expect, test } from "@jest/globals";
import { createDenseNetwork } from "../../../subgraphs/ml/domain/models/denseNetwork.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { learnStream } from "./learnStream.ts";
import { inputs, readCountries, readDomains, type Task } from "./realTasks.ts";

describeWhere("../shared/data", "a stream over real files", (data) => {
  let domains: readonly Task[];
  beforeAll(async () => {
    domains = await readDomains(pathToFileURL(`${data}/`), 600);
  });

  test("has examples of every domain to learn from and to hold out, all of them finite", async () => {
    expect(domains.map(({ name }) => name)).toEqual(["exchange rates", "earthquakes", "GDP", "disasters"]);
    for (const { name, training, holdOut } of domains) {
      expect([name, training.length > 500, holdOut.length > 100]).toEqual([name, true, true]);
      for (const { input } of [...training, ...holdOut])
        expect([name, input.every(Number.isFinite)]).toEqual([name, true]);
    }
    expect((await readCountries(pathToFileURL(`${data}/`))).length).toBeGreaterThan(15);
  });

  test("is forgotten less with replay than without", () => {
    const network = createDenseNetwork({ kind: "dense", inputs, hidden: [24], classes: 2 });
    const [without, withReplay] = [0, 8].map((replayed) =>
      learnStream(network, domains, { seed: "1", replayed }),
    );
    expect(without?.forgetting).toBeGreaterThan(0.05);
    expect(withReplay?.forgetting).toBeLessThan(without?.forgetting ?? 0);
  });
});
