/** What of a document no longer fits a schema, in the words of the schema that it was written for. */
import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** More would only fill the answer. */
const misfitsMax = 20;

/** Coordinates (https://spec.graphql.org/draft/#sec-Schema-Coordinates) that are gone or changed; none when it fits. */
export function listMisfits(
  document: DocumentNode,
  before: GraphQLSchema,
  after: GraphQLSchema,
): readonly string[] {
  const errors = validate(after, document, undefined, { maxErrors: misfitsMax, hideSuggestions: true });
  if (errors.length === 0) return [];
  const coordinates = mapCoordinates(document, before);
  const found = errors.flatMap(
    ({ nodes }) => nodes?.map((node) => coordinates.get(node)).find(Boolean) ?? [],
  );
  return [...new Set(found)];
}

function mapCoordinates(document: DocumentNode, schema: GraphQLSchema): ReadonlyMap<ASTNode, string> {
  const types = new TypeInfo(schema);
  const coordinates = new Map<ASTNode, string>();
  const fragments = new Map(
    document.definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part.typeCondition.name.value]] : [],
    ),
  );
  const fieldCoordinate = () => `${types.getParentType()?.name}.${types.getFieldDef()?.name}`;
  const visitor: ASTVisitor = {
    Field: (node) => void coordinates.set(node, fieldCoordinate()),
    // That a fragment cannot apply any more is said of the fragment.
    InlineFragment: (node) => void coordinates.set(node, `${types.getType()}`),
    FragmentSpread: (node) => void coordinates.set(node, fragments.get(node.name.value) ?? node.name.value),
    NamedType: (node) => void coordinates.set(node, node.name.value),
    Argument: (node) => {
      const directive = types.getDirective();
      const owner = directive ? `@${directive.name}` : fieldCoordinate();
      coordinates.set(node, `${owner}(${node.name.value}:)`);
      // An error about a value stands at the value.
      coordinates.set(node.value, `${owner}(${node.name.value}:)`);
    },
    ObjectField: (node) => {
      const type = types.getParentInputType();
      if (type) coordinates.set(node, `${getNamedType(type).name}.${node.name.value}`);
    },
    EnumValue: (node) => {
      const type = types.getInputType();
      if (type) coordinates.set(node, `${getNamedType(type).name}.${node.value}`);
    },
  };
  visit(document, visitWithTypeInfo(types, visitor));
  return coordinates;
}
