/** The rules of policies/ as their sources tell of them: METADATA, what they read, what their tests promise. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { type PolicyRule, ruleSchema } from "../../../policies/runtime/catalogue.ts";
import { LaunchError } from "../../local/launchError.ts";

export const areas = ["access", "residency", "retention", "encryption", "audit"] as const;

export type RuleSource = {
  readonly area: string;
  /** Without its area. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly rule: PolicyRule;
  /** Parts of a request on fields that it looks at, such as `policies`. */
  readonly requestParts: ReadonlySet<string>;
  /** Documents of `data` that it looks at, such as `access.labels`. */
  readonly documents: readonly string[];
  /** Codes that it gives, its own first. */
  readonly reasons: readonly string[];
  /** What it may make of a row. */
  readonly outcomes: readonly string[];
  /** Names of its tests, as sentences. */
  readonly promises: readonly string[];
};

const metadataSchema = z.object({ title: z.string(), description: z.string(), custom: ruleSchema });

/** In the order of areas and names. Throws a LaunchError that names the file. */
export function readRules(root: string): readonly RuleSource[] {
  return areas.flatMap((area) =>
    readdirSync(join(root, "policies", area))
      .filter((file) => file.endsWith(".rego") && !file.endsWith("_test.rego"))
      .sort()
      .map((file) => readRule(root, area, file.slice(0, -".rego".length))),
  );
}

function readRule(root: string, area: string, name: string): RuleSource {
  const path = `policies/${area}/${name}.rego`;
  const text = readFileSync(join(root, path), "utf8");
  const parsed = metadataSchema.safeParse(readMetadata(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`);
    throw new LaunchError(`${path}: expected METADATA before its package; ${faults.join(", ")}`);
  }
  const { title, description, custom } = parsed.data;
  const code = text.replaceAll(/^\s*#.*$/gm, "");
  return {
    area,
    name,
    title,
    description: description.trim(),
    rule: { name: `${area}.${name}`, ...custom },
    requestParts: new Set(findAll(code, /\brequest\.([a-z]+)/g)),
    documents: findAll(code, /\bdata\.((?!atlas\b)[a-z_]+\.[a-zA-Z_]+)/g),
    reasons: [...new Set([custom.reason, ...findAll(code, /"reason": "([A-Z_]+)"/g)])].filter(
      (reason) => reason !== "ALLOWED",
    ),
    outcomes: findAll(code, /"outcome": "([a-z]+)"/g).filter((outcome) => outcome !== "allow"),
    promises: findAll(
      readFileSync(join(root, path.replace(".rego", "_test.rego")), "utf8"),
      /^test_(\w+)/gm,
    ).map((promise) => promise.replaceAll("_", " ")),
  };
}

/** The block of comments that begins with METADATA and ends where the package begins, as YAML. */
function readMetadata(text: string): unknown {
  const block = /^# METADATA\n((?:#.*\n)+)package /m.exec(text)?.[1] ?? "";
  return parse(block.replaceAll(/^# ?/gm, "")) ?? {};
}

/** The first group of each match, once. */
function findAll(text: string, pattern: RegExp): readonly string[] {
  return [
    ...new Set([...text.matchAll(pattern)].flatMap(([, found]) => (found === undefined ? [] : [found]))),
  ];
}
