import { type DocumentNode, Kind, visit } from "graphql";

/** `$representations` is what entity fetches call their own variable, so a client's variable of that name steps aside. */
export function renameVariables(document: DocumentNode): {
  readonly planned: DocumentNode;
  readonly clientVariables: ReadonlyMap<string, string>;
} {
  const names = new Set<string>();
  visit(document, { Variable: ({ name }) => void names.add(name.value) });
  if (!names.has(TAKEN)) return { planned: document, clientVariables: new Map() };
  let free = `atlas_${TAKEN}`;
  while (names.has(free)) free += "_";
  const planned = visit(document, {
    Variable: (node) =>
      node.name.value === TAKEN ? { ...node, name: { kind: Kind.NAME, value: free } } : undefined,
  });
  return { planned, clientVariables: new Map([[free, TAKEN]]) };
}

const TAKEN = "representations";
