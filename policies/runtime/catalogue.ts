/** What the rules of a bundle say of themselves in their METADATA: the host asks once, before anything else. */
import { z } from "zod";
import type { Evaluator } from "./createEvaluator.ts";
import { PolicyError } from "./policyError.ts";

export type PolicyRule = {
  /** `<area>.<rule>`, as in policies/. */
  readonly name: string;
  readonly question: "fields" | "objects" | "audit";
  /** Parts of the facts that the rule reads, such as `caller.roles`: nothing else reaches it. */
  readonly reads: readonly string[];
  readonly mode: "enforce" | "reject" | "dry-run";
  readonly reason: string;
  /** Arguments that the rule reads, by coordinate of their field. */
  readonly arguments: Readonly<Record<string, readonly string[]>>;
  /**
   * The types that the rule guards (`@resident` for all that are marked so), each with the attributes it needs: name, and
   * the selection that answers it (`@by` for the field that `@resident` names).
   */
  readonly objects: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /**
   * Attributes that are moments in the graph and reach the rule as their age, in whole days of UTC. Each with its limits,
   * ascending: the rule asks nothing of an age but whether it is above one of them.
   */
  readonly ages: Readonly<Record<string, readonly number[]>>;
};

export type RuleCatalogue = {
  readonly rules: readonly PolicyRule[];
  /** Labels of `@policy` that the bundle knows. */
  readonly labels: ReadonlySet<string>;
};

export const catalogueEntrypoint = "atlas/rules/catalogue";

/** What a rule may name in `reads`; `caller.claims.<name>` is any other claim of the token. */
const readable =
  /^(caller\.(kind|subject|tenant|roles|scopes|clearance|purpose|region|jurisdiction|claims\.[\w-]+)|time\.(day|hour|weekday)|environment\.(profile|region)|operation\.(kind|name)|variables)$/;

const attributeName = z.string().regex(/^[a-zA-Z]\w*$/);

/** What a rule says of itself, under `custom` in its METADATA. */
export const ruleSchema = z.strictObject({
  question: z.enum(["fields", "objects", "audit"]),
  reads: z.array(z.string().regex(readable)),
  mode: z.enum(["enforce", "reject", "dry-run"]),
  reason: z.string().regex(/^[A-Z_]+$/),
  arguments: z.record(z.string(), z.array(z.string()).min(1)).default({}),
  objects: z.record(z.string(), z.record(attributeName, z.string())).default({}),
  ages: z
    .record(attributeName, z.array(z.number()).min(1).refine(isAscending, "expected ascending limits"))
    .default({}),
});
const catalogueSchema = z.strictObject({
  rules: z.record(z.string().regex(/^[a-z]+\.[a-zA-Z]+$/), ruleSchema),
  labels: z.array(z.string()),
});

/** Throws BUNDLE_INVALID when a rule says of itself what no host understands. */
export async function readCatalogue(evaluator: Evaluator): Promise<RuleCatalogue> {
  const parsed = catalogueSchema.safeParse(await evaluator.evaluate(catalogueEntrypoint, {}));
  if (!parsed.success)
    throw new PolicyError(
      "BUNDLE_INVALID",
      `the METADATA of a rule is not understood: ${describe(parsed.error)}`,
      {
        cause: parsed.error,
      },
    );
  const rules = Object.entries(parsed.data.rules).map(([name, rule]) => ({ name, ...rule }));
  const misplaced = rules.find(({ question, mode }) => mode === "reject" && question !== "fields");
  if (misplaced)
    throw new PolicyError(
      "BUNDLE_INVALID",
      `${misplaced.name} has mode reject: expected enforce or dry-run, since an operation is refused before it runs`,
    );
  return { rules, labels: new Set(parsed.data.labels) };
}

function isAscending(limits: readonly number[]): boolean {
  return limits.every((limit, at) => at === 0 || limit > (limits[at - 1] ?? limit));
}

function describe({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("; ");
}
