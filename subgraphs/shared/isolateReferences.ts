/**
 * @apollo/subgraph resolves the references of one `_entities` request in a single loop: a resolver that throws there,
 * as for a malformed id, fails all of them. A rejected promise fails its own entity and leaves the others theirs.
 */
export function isolateReferences(resolvers: object): object {
  return Object.fromEntries(
    Object.entries(resolvers).map(([type, fields]) => [
      type,
      hasReference(fields) ? isolate(fields) : fields,
    ]),
  );
}

type Referenced = { readonly __resolveReference: (...args: readonly unknown[]) => unknown };

function hasReference(fields: unknown): fields is Referenced {
  return (
    typeof fields === "object" &&
    fields !== null &&
    "__resolveReference" in fields &&
    typeof fields.__resolveReference === "function"
  );
}

function isolate(fields: Referenced): Referenced {
  return { ...fields, __resolveReference: async (...args) => fields.__resolveReference(...args) };
}
