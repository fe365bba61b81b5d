/**
 * Who may import whom, as one table. It works on resolved paths: patterns over what is written in an import statement
 * (Biome's noRestrictedImports) need hundreds of lines for the same and miss a file that moves one folder down.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative, sep } from "node:path";
import { checkout } from "../local/paths.ts";
import { subgraphNames } from "../local/subgraphNames.ts";
import type { Faults } from "./step.ts";

type Direction = {
  /** A folder (ends in `/`) or a file; `*` stands for one name. */
  readonly from: string;
  /** Folders, files, or packages. */
  readonly never: readonly string[];
  readonly except?: readonly string[];
  readonly because: string;
};

/** In the order of gateway/runOperation.ts; helpers stand with the stage that they belong to. */
const stages = [
  ["identifyCaller.ts"],
  ["limitRate.ts"],
  ["findDocument.ts"],
  ["admitOperation.ts", "measureDocument.ts"],
  ["estimateCost.ts", "cost/"],
  ["authorizeFields.ts", "authorization/"],
  ["planOperation.ts"],
  ["callSubgraph.ts", "subscribeSubgraph.ts"],
  ["shapeAnswer.ts"],
  ["maskErrors.ts"],
].map((files) => files.map((file) => `gateway/stages/${file}`));

export const directions: readonly Direction[] = [
  {
    from: "gateway/",
    never: ["subgraphs/", "prisma/", "infra/", "test/", "clients/"],
    because: "the gateway knows subgraphs over HTTP and SDL, and nobody's database",
  },
  {
    from: "gateway/engine/",
    never: [
      "gateway/http/",
      "gateway/stages/",
      "gateway/subscriptions/",
      "gateway/observability/",
      "policies/",
    ],
    because: "the engine knows neither servers nor policies nor stages",
  },
  {
    from: "gateway/engine/",
    never: ["fastify", "ws", "graphql-ws", "graphql-http", "undici", "node:http", "node:https"],
    because: "the engine is given its transport",
  },
  {
    from: "gateway/transport/",
    never: [
      "gateway/stages/",
      "gateway/engine/",
      "gateway/http/",
      "gateway/subscriptions/",
      "policies/",
      "graphql",
    ],
    because: "the transport carries bytes; what they mean is for callSubgraph to know",
  },
  {
    from: "gateway/documents/",
    never: ["gateway/stages/", "gateway/engine/", "gateway/http/", "gateway/subscriptions/", "fastify"],
    because: "documents are kept for a stage, whoever asks it",
  },
  ...stages.flatMap((files, index) =>
    files.map((from) => ({
      from,
      never: stages.slice(index + 1).flat(),
      because: "a stage never imports a later one",
    })),
  ),
  {
    from: "subgraphs/",
    never: ["gateway/", "infra/", "test/", "clients/"],
    because: "a subgraph knows the gateway by the context that it signs, and nothing of what starts it",
  },
  ...["shared", ...subgraphNames].map((name) => ({
    from: `subgraphs/${name}/`,
    never: subgraphNames.filter((other) => other !== name).map((other) => `subgraphs/${other}/`),
    because: "nobody imports a subgraph: what one needs of another comes through the graph",
  })),
  {
    from: "subgraphs/",
    never: ["prisma/", "@prisma/client", "@prisma/adapter-pg"],
    // Mappers and rows name Prisma's row types, which are nothing at run time.
    except: ["db.ts", "db/", "mappers.ts", "rows.ts"]
      .map((file) => `subgraphs/*/${file}`)
      // What every db.ts shares.
      .concat(
        "subgraphs/shared/prisma.ts",
        "subgraphs/shared/writeOnce.ts",
        "subgraphs/shared/filters/toSql.ts",
      ),
    because: "only db.ts, or the files of db/, know Prisma",
  },
  {
    from: "subgraphs/*/domain/",
    never: ["graphql", "dataloader", "pg", "fastify", "@apollo/subgraph"].concat(
      ["resolvers/", "generated/", "loaders.ts", "context.ts", "db.ts", "db/"].map(
        (file) => `subgraphs/*/${file}`,
      ),
    ),
    because: "domain/ knows neither GraphQL nor the database: its data comes as arguments",
  },
  {
    from: "subgraphs/*/db",
    never: [
      "graphql",
      "dataloader",
      "subgraphs/*/resolvers/",
      "subgraphs/*/loaders.ts",
      "subgraphs/*/context.ts",
    ],
    because: "queries are called by loaders and resolvers, and call neither",
  },
  {
    from: "policies/runtime/",
    never: ["gateway/", "subgraphs/", "prisma/", "infra/", "test/"],
    because: "policies/runtime knows neither who asks nor where the rows are",
  },
];

export async function checkImportDirections(): Promise<Faults> {
  const folders = ["gateway", "subgraphs", "policies", "prisma"];
  const files = (await Promise.all(folders.map(sourcesIn))).flat();
  const faults = await Promise.all(
    files.map(async (file) => findForbiddenImports(file, await readFile(join(checkout, file), "utf8"))),
  );
  return faults.flat();
}

/** `file` is relative to the checkout, with forward slashes. */
export function findForbiddenImports(file: string, source: string): Faults {
  // A test may start and compare whatever it likes.
  if (file.endsWith(".test.ts")) return [];
  return importsOf(file, source).flatMap((imported) =>
    directions
      .filter(({ from, never, except = [] }) => {
        const applies = isWithin(file, from) && !except.some((place) => isWithin(file, place));
        return applies && never.some((place) => isWithin(imported, place));
      })
      .map(({ because }) => `${file} imports ${imported}: ${because}`),
  );
}

function importsOf(file: string, source: string): readonly string[] {
  const specifiers = source.matchAll(
    /^(?:import|export)\b[^"';]*?(?:from\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...specifiers].map(([, fromStatement, fromCall]) => {
    const specifier = fromStatement ?? fromCall ?? "";
    return specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : specifier;
  });
}

/** A folder holds what is below it, a package what it exports under a path, and `subgraphs/x/db` both db.ts and db/. */
function isWithin(path: string, place: string): boolean {
  const pattern = place.replaceAll(/[.+]/g, "\\$&").replaceAll("*", "[^/]+");
  return new RegExp(`^${pattern}${place.endsWith("/") ? "" : "(?:$|/|\\.ts$)"}`).test(path);
}

async function sourcesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(checkout, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(checkout, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((file) => !file.includes("/generated/"));
}
