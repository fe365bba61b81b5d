/** Arguments that subgraphs read from objects above (@context, @fromContext): what each field reads, and of which types. */
import { isInterfaceType, isObjectType, type NamedType, type Schema } from "@apollo/federation-internals";
import { type OperationDefinitionNode, parse, type SelectionSetNode } from "graphql";
import { readFieldSet } from "./readFieldSet.ts";

export type ContextUse = {
  /** Of the field that has the argument. */
  readonly coordinate: string;
  /** Whose objects the value may be read from. */
  readonly setters: readonly NamedType[];
  readonly selection: SelectionSetNode;
};

export function readContextUses(schema: Schema): readonly ContextUse[] {
  const directive = schema.coreFeatures
    ?.getByIdentity("https://specs.apollo.dev/context")
    ?.directiveNameInSchema("context");
  if (directive === undefined) return [];
  const settersOf = (context: unknown) =>
    schema
      .types()
      .filter((type) => type.appliedDirectivesOf(directive).some((one) => one.arguments().name === context));
  return schema.types().flatMap((type) =>
    fieldsOf(type).flatMap((field) =>
      field.appliedDirectivesOf("join__field").flatMap((join) =>
        argumentsOf(join.arguments().contextArguments).map(({ context, selection }) => ({
          coordinate: field.coordinate,
          setters: settersOf(context),
          selection: readSelection(selection),
        })),
      ),
    ),
  );
}

function fieldsOf(type: NamedType) {
  return isObjectType(type) || isInterfaceType(type) ? type.fields() : [];
}

function argumentsOf(value: unknown): { readonly context: unknown; readonly selection: string }[] {
  return (Array.isArray(value) ? value : []).flatMap(({ context, selection }) =>
    typeof selection === "string" ? [{ context, selection }] : [],
  );
}

/** `{ price }` or `... on Shop { price }`. */
function readSelection(text: string): SelectionSetNode {
  if (!text.trimStart().startsWith("{")) return readFieldSet(text);
  const [operation] = parse(text, { noLocation: true }).definitions;
  // Braces make it one anonymous query.
  return (operation as OperationDefinitionNode).selectionSet;
}
