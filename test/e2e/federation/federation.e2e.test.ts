/** The directives of Federation, over HTTP: the built gateway and each subgraph in a process of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { plannerNames } from "../../../gateway/engine/planning/createPlanner.ts";
import { composeForTest } from "../../../gateway/engine/testing/composeForTest.ts";
import { createDisposer } from "../../support/createDisposer.ts";
import { postGraphql } from "../../support/postGraphql.ts";
import { startProgram } from "../../support/startProgram.ts";
import { graph } from "./graph.ts";

const disposer = createDisposer();
let folder: string;
let urls: readonly (readonly [string, string])[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "atlas-federation-"));
  await writeFile(join(folder, "supergraph.graphql"), composeForTest(graph).supergraph.sdl);
  urls = await Promise.all(
    Object.keys(graph).map(async (name) => {
      const program = disposer.use(startProgram("test/e2e/federation/serveSubgraph.js", [name]));
      return [name, await program.line("http://")] as const;
    }),
  );
});
afterAll(async () => {
  await disposer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function startGateway(env: Readonly<Record<string, string>>): Promise<string> {
  const program = startProgram(
    "gateway/cli/atlasGateway.js",
    ["--supergraph", join(folder, "supergraph.graphql"), "--port", "0"],
    {
      ATLAS_PROFILE: "local",
      ATLAS_PLANNING_TIMEOUT_MS: "60000",
      ATLAS_ROUTING_URLS: urls.map(([name, url]) => `${name}=${url}`).join(","),
      ...env,
    },
  );
  disposer.use(program);
  return (await program.line("ready ")).slice("ready ".length);
}

describe.each(plannerNames)("with planner %s", (planner) => {
  let url: string;
  beforeAll(async () => {
    url = await startGateway({
      ATLAS_PLANNER: planner,
      ATLAS_FORWARD_HEADERS: "x-preview",
      ATLAS_OVERRIDE_LABELS: "library-counts=header:x-preview",
    });
  });
  const ask = async (query: string, headers: Readonly<Record<string, string>> = {}) => {
    const { status, data, errors } = await postGraphql<Record<string, unknown>>(url, { query }, headers);
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    return data;
  };

  test("an interface object adds fields to every implementer, and its own entities learn their type", async () => {
    expect(
      await ask("{ media { __typename title stars ... on Film { minutes reviews { text } } } }"),
    ).toEqual({
      media: [
        { __typename: "Book", title: "Dune", stars: 4 },
        { __typename: "Book", title: "Emma", stars: 4 },
        { __typename: "Film", title: "Alien", stars: 5, minutes: 117, reviews: [{ text: "alien is good" }] },
      ],
    });
    // What comes from where it is one type only.
    expect(await ask("{ best { stars __typename title ... on Book { pages author { name } } } }")).toEqual({
      best: [
        { stars: 5, __typename: "Film", title: "Alien" },
        { stars: 4, __typename: "Book", title: "Dune", pages: 412, author: { name: "Frank Herbert" } },
      ],
    });
  });

  test("an entity interface is entered by its key, whatever the type", async () => {
    expect(await ask(`{ item(id: "emma") { id stars ... on Book { loans } } }`)).toEqual({
      item: { id: "emma", stars: 4, loans: "counted by catalog" },
    });
    expect(await ask(`{ item(id: "nothing") { id stars } }`)).toEqual({ item: null });
  });

  test("a field that is provided comes from who provides it, and else from its owner", async () => {
    expect(await ask("{ authorOfTheYear { name prizes } anyAuthor { name } }")).toEqual({
      authorOfTheYear: { name: "Jane Austen, lent by reviews", prizes: 1 },
      anyAuthor: { name: "Jane Austen" },
    });
  });

  test("a field that moves comes from where a label says that holds for the request, for one beside the other", async () => {
    const query = `{ item(id: "dune") { id ... on Book { loans } } }`;
    const countedBy = (who: string) => ({ item: { id: "dune", loans: `counted by ${who}` } });
    expect(await ask(query)).toEqual(countedBy("catalog"));
    expect(await ask(query, { "x-preview": "1" })).toEqual(countedBy("library"));
    expect(await ask(query)).toEqual(countedBy("catalog"));
  });

  test("a shared field is answered by whoever is asked anyway", async () => {
    expect(await ask("{ score { points } best { reviews { score { points } } } }")).toEqual({
      score: { points: 1 },
      best: [{ reviews: [{ score: { points: 9 } }] }, { reviews: [{ score: { points: 9 } }] }],
    });
  });

  test("an argument is read from the nearest object above, also in nested lists and where it is missing", async () => {
    const price = (copy: string, country: string | null, tax: number, more = "") => ({
      price: `copy of ${copy} in ${country} at ${tax} %${more}`,
    });
    const data = await ask(
      `{ stores { copies { price media { title } }
        branches { copies { price(rounded: true) } branches { copies { price } } } shelves { price } } }`,
    );
    const titled = (copy: string, title: string, country: string | null, tax: number) => ({
      ...price(copy, country, tax),
      media: { title },
    });
    const berlin = [price("dune", "DE", 6, ", rounded")];
    const paris = [price("dune", "FR", 5, ", rounded"), price("alien", "FR", 5, ", rounded")];
    expect(data?.stores).toEqual([
      {
        copies: [titled("dune", "Dune", "FR", 5), titled("alien", "Alien", "FR", 5)],
        branches: [{ copies: berlin, branches: [] }],
        shelves: [[price("dune", "FR", 5), price("alien", "FR", 5)], [], [null]],
      },
      {
        copies: [titled("dune", "Dune", "DE", 6)],
        branches: [],
        shelves: [[price("dune", "DE", 6)], [], [null]],
      },
      {
        copies: [titled("emma", "Emma", null, 3)],
        branches: [
          { copies: paris, branches: [{ copies: [price("dune", "DE", 6)] }] },
          { copies: berlin, branches: [] },
        ],
        shelves: [[price("emma", null, 3)], [], [null]],
      },
    ]);
  });
});
