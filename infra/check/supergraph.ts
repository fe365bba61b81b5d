/** Composition, and what it would break for callers compared with the last commit. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Change, CriticalityLevel, diff } from "@graphql-inspector/core";
import type { GraphQLSchema } from "graphql";
import { z } from "zod";
import { loadSupergraph } from "../../gateway/supergraph/loadSupergraph.ts";
import { checkout } from "../local/paths.ts";
import type { Faults } from "./step.ts";

const allowedFile = "docs/decisions/allowed-breaking-changes.json";

export async function checkComposition(): Promise<Faults> {
  const schema = await loadApiSchema(checkout);
  const undescribed = Object.values(schema.getTypeMap()).filter(
    (type) => !type.description && !type.name.startsWith("__") && !operationTypes.has(type.name),
  );
  return undescribed.map((type) => `${type.name}: expected a description from one subgraph, found none`);
}

/** Their names say it. */
const operationTypes = new Set(["Query", "Mutation", "Subscription"]);

/** What breaks callers and is not listed, with a reason, in docs/decisions/allowed-breaking-changes.json. */
export async function findBreakingChanges(): Promise<Faults> {
  const base = await findBase();
  if (base === undefined) return (await isFirstCommit()) ? [] : [nothingToCompare];
  const before = await withCheckoutOf(base, loadApiSchema);
  if (before === undefined) return [];
  const changes = await compareSchemas(before, await loadApiSchema(checkout), await loadAllowed());
  if (changes.length === 0) return [];
  return [
    ...changes.map((change) => `${change.message} ("${keyOf(change)}")`),
    `That breaks callers of ${base}. Keep the old beside the new with @deprecated; or, when nobody can be hurt, add ` +
      `{"reason": "…", "changes": ["…"]} with what stands in quotes above to ${allowedFile}.`,
  ];
}

/** Passing unseen is worse than failing: CI systems clone one commit by default, and then there is none before it. */
const nothingToCompare =
  "expected git and the commit before this one, to compare with; there is none. Clone with a depth of 2 or more.";

/** The first commit has nobody to break. */
async function isFirstCommit(): Promise<boolean> {
  return (await git("rev-parse", "--is-shallow-repository")) === "false";
}

/** The changes that break a caller, without those whose keys are allowed. */
export async function compareSchemas(
  before: GraphQLSchema,
  after: GraphQLSchema,
  allowed: ReadonlySet<string>,
): Promise<readonly Change[]> {
  const changes = await diff(before, after);
  return changes.filter(
    (change) => change.criticality.level === CriticalityLevel.Breaking && !allowed.has(keyOf(change)),
  );
}

async function loadApiSchema(folder: string): Promise<GraphQLSchema> {
  const { apiSchema } = await loadSupergraph(join(folder, "supergraph.yaml"));
  return apiSchema;
}

/** The last commit; once the contracts are committed as they are, the one before it. */
async function findBase(): Promise<string | undefined> {
  const isChanged =
    (await git("status", "--porcelain", "--", "supergraph.yaml", "subgraphs/*.graphql")) !== "";
  return (
    (await git("rev-parse", "--short", "--verify", "--quiet", isChanged ? "HEAD" : "HEAD^")) || undefined
  );
}

/** Undefined when the commit has no supergraph. */
async function withCheckoutOf<Result>(
  commit: string,
  use: (folder: string) => Promise<Result>,
): Promise<Result | undefined> {
  const files = (await git("ls-tree", "-r", "--name-only", commit, "supergraph.yaml", "subgraphs"))
    .split("\n")
    .filter((file) => /^supergraph\.yaml$|\.graphql$/.test(file));
  if (!files.includes("supergraph.yaml")) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "atlas-contracts-"));
  try {
    for (const file of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), await git("show", `${commit}:${file}`));
    }
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers nothing where git has nothing to answer: no such commit, or no repository at all. */
async function git(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("git", [...args], {
      cwd: checkout,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trimEnd();
  } catch {
    return "";
  }
}

const allowedSchema = z.array(
  z.strictObject({ reason: z.string().min(10), changes: z.array(z.string()).min(1) }),
);

async function loadAllowed(): Promise<ReadonlySet<string>> {
  const text = await readFile(join(checkout, allowedFile), "utf8");
  return new Set(allowedSchema.parse(JSON.parse(text)).flatMap(({ changes }) => changes));
}

/** Such as `FIELD_REMOVED Country.area`. */
function keyOf({ type, path }: Change): string {
  return `${type} ${path ?? ""}`.trim();
}
