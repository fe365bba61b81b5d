/** The part of a schema that a caller may know of: without what is denied, and without what is then reached by nothing. */
import {
  buildASTSchema,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  printSchema,
  type TypeNode,
} from "graphql";

/** Undefined when nothing of it is visible. */
export function toVisibleSchema(
  schema: GraphQLSchema,
  isHidden: (coordinate: string) => boolean,
): GraphQLSchema | undefined {
  let definitions: readonly DefinitionNode[] = parse(printSchema(schema), {
    noLocation: true,
  }).definitions.flatMap((definition) => withoutHidden(definition, isHidden));
  // What loses a type loses the fields that answer it, and may lose its last field by that.
  for (let count = -1; count !== sizeOf(definitions); ) {
    count = sizeOf(definitions);
    const names = new Set(definitions.map(nameOf));
    definitions = definitions.flatMap((definition) => withoutDangling(definition, names));
  }
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (type) => (type ? [type.name] : []),
  );
  const reached = reachedFrom(roots, definitions);
  const kept = definitions.filter(
    (definition) => definition.kind === Kind.DIRECTIVE_DEFINITION || reached.has(nameOf(definition)),
  );
  if (!kept.some((definition) => nameOf(definition) === schema.getQueryType()?.name)) return undefined;
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: kept };
  // An object may lack a field of its interface, because only there it is hidden.
  return buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
}

type Composite = Extract<
  DefinitionNode,
  { kind: Kind.OBJECT_TYPE_DEFINITION | Kind.INTERFACE_TYPE_DEFINITION }
>;

function isComposite(definition: DefinitionNode): definition is Composite {
  return (
    definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
  );
}

function withoutHidden(
  definition: DefinitionNode,
  isHidden: (coordinate: string) => boolean,
): DefinitionNode[] {
  const name = nameOf(definition);
  if (isHidden(name)) return [];
  if (!isComposite(definition)) return [definition];
  return withFields(definition, (field) => !isHidden(`${name}.${field.name.value}`));
}

function withoutDangling(definition: DefinitionNode, names: ReadonlySet<string>): DefinitionNode[] {
  if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
    const types = definition.types?.filter(({ name }) => names.has(name.value)) ?? [];
    return types.length > 0 ? [{ ...definition, types }] : [];
  }
  if (!isComposite(definition)) return [definition];
  const interfaces = definition.interfaces?.filter(({ name }) => names.has(name.value)) ?? [];
  return withFields({ ...definition, interfaces }, (field) => isKnown(namedTypeOf(field.type), names));
}

function withFields(definition: Composite, keep: (field: FieldDefinitionNode) => boolean): DefinitionNode[] {
  const fields = definition.fields?.filter(keep) ?? [];
  return fields.length > 0 ? [{ ...definition, fields }] : [];
}

function reachedFrom(roots: readonly string[], definitions: readonly DefinitionNode[]): ReadonlySet<string> {
  const byName = new Map(definitions.map((definition) => [nameOf(definition), definition]));
  const implementers = new Map<string, string[]>();
  for (const definition of definitions)
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION)
      for (const { name } of definition.interfaces ?? [])
        implementers.set(name.value, [...(implementers.get(name.value) ?? []), nameOf(definition)]);
  const reached = new Set<string>();
  const pending = [...roots];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = byName.get(name);
    if (!definition || reached.has(name)) continue;
    reached.add(name);
    pending.push(...typesNamedBy(definition), ...(implementers.get(name) ?? []));
  }
  return reached;
}

function typesNamedBy(definition: DefinitionNode): readonly string[] {
  if (definition.kind === Kind.UNION_TYPE_DEFINITION)
    return definition.types?.map(({ name }) => name.value) ?? [];
  if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return definition.fields?.map(({ type }) => namedTypeOf(type)) ?? [];
  if (!isComposite(definition)) return [];
  return [
    ...(definition.interfaces?.map(({ name }) => name.value) ?? []),
    ...(definition.fields?.flatMap((field) => [
      namedTypeOf(field.type),
      ...(field.arguments?.map(({ type }) => namedTypeOf(type)) ?? []),
    ]) ?? []),
  ];
}

const builtIn = new Set(["Int", "Float", "String", "Boolean", "ID"]);

function isKnown(name: string, names: ReadonlySet<string>): boolean {
  return builtIn.has(name) || names.has(name);
}

function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

function nameOf(definition: DefinitionNode): string {
  return "name" in definition ? (definition.name?.value ?? "") : "";
}

function sizeOf(definitions: readonly DefinitionNode[]): number {
  return definitions.reduce(
    (sum, definition) => sum + 1 + ((definition as Partial<ObjectTypeDefinitionNode>).fields?.length ?? 0),
    0,
  );
}
