import { type DocumentNode, Kind, visit } from "graphql";

/**
 * `$representations` is what entity fetches call their own variable, `$contextualArgument_…` what Apollo's planner calls
 * the values of @fromContext, and `$atlas_…` what we make of both. A client's variable of such a name steps aside.
 */
export function renameVariables(document: DocumentNode): {
  readonly planned: DocumentNode;
  readonly clientVariables: ReadonlyMap<string, string>;
} {
  const names = new Set<string>();
  visit(document, { Variable: ({ name }) => void names.add(name.value) });
  const newNames = new Map<string, string>();
  for (const name of names) {
    if (!isTaken(name)) continue;
    let free = `client_${name}`;
    while (names.has(free)) free += "_";
    newNames.set(name, free);
    names.add(free);
  }
  if (newNames.size === 0) return { planned: document, clientVariables: new Map() };
  const planned = visit(document, {
    Variable: (node) => {
      const value = newNames.get(node.name.value);
      return value === undefined ? undefined : { ...node, name: { kind: Kind.NAME, value } };
    },
  });
  return { planned, clientVariables: new Map([...newNames].map(([name, free]) => [free, name])) };
}

function isTaken(name: string): boolean {
  return name === "representations" || name.startsWith("contextualArgument_") || name.startsWith("atlas_");
}
