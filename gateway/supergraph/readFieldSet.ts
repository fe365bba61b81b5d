import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
} from "graphql";

/** The selections of a federation field set, such as the `fields` of a @key. Composition has validated it. */
export function readFieldSet(fieldSet: string): SelectionSetNode {
  const [operation] = parse(`{ ${fieldSet} }`, { noLocation: true }).definitions;
  // Braces make it one anonymous query.
  return (operation as OperationDefinitionNode).selectionSet;
}

/** Each field's arguments as text, by its path of field names. */
export function readArguments(set: SelectionSetNode, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) found.set(`${path}${selection.name.value}`, printArguments(selection));
    if (selection.kind === Kind.FRAGMENT_SPREAD || !selection.selectionSet) continue;
    const inner = selection.kind === Kind.FIELD ? `${path}${selection.name.value}.` : path;
    for (const [key, text] of readArguments(selection.selectionSet, inner)) found.set(key, text);
  }
  return found;
}

function printArguments({ arguments: args = [] }: FieldNode): string {
  return args.map(print).sort().join(", ");
}
