/**
 * What `@classified` and `@resident` say, Atlas's own directives on data. Found by the identity of their specification, as
 * the security rules are, so a renamed import is the same statement and a homonym is none.
 */
import type { Directive } from "@apollo/federation-internals";
import { isObjectType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";

export type DataClasses = {
  /** Classes of the fields of a type, by field; a class on the type holds for each of its fields. Types without any are absent. */
  readonly classes: ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;
  /** By type, the field that tells where its rows may be. */
  readonly residentBy: ReadonlyMap<string, string>;
};

const identity = "https://atlas.example/specs/atlas";

export function readDataClasses({ parsed: { schema } }: Pick<ParsedSupergraph, "parsed">): DataClasses {
  const feature = schema.coreFeatures?.getByIdentity(identity);
  const [classified, resident] = ["classified", "resident"].map((name) =>
    feature?.directiveNameInSchema(name),
  );
  const classes = new Map<string, Record<string, readonly string[]>>();
  const residentBy = new Map<string, string>();
  for (const type of schema.types()) {
    if (!isObjectType(type)) continue;
    const ofType = classesOf(type.appliedDirectives, classified);
    const ofFields = type.fields().flatMap(({ name, appliedDirectives }) => {
      const all = [...new Set([...ofType, ...classesOf(appliedDirectives, classified)])];
      return all.length > 0 ? [[name, all] as const] : [];
    });
    if (ofFields.length > 0) classes.set(type.name, Object.fromEntries(ofFields));
    const by = type.appliedDirectives.find(({ name }) => name === resident)?.arguments().by;
    if (typeof by === "string") residentBy.set(type.name, by);
  }
  return { classes, residentBy };
}

function classesOf(applied: readonly Directive[], classified: string | undefined): readonly string[] {
  return applied
    .filter(({ name }) => name === classified)
    .flatMap((directive) => {
      const { as } = directive.arguments();
      return Array.isArray(as) ? as.map(String) : [];
    });
}
