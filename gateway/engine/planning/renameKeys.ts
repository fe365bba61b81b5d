import { type DocumentNode, type FieldNode, Kind, visit } from "graphql";
import type { ReservedKeys } from "../../supergraph/reservedKeys.ts";

export type KeyRenamer = {
  readonly rename: (field: FieldNode) => FieldNode;
  /** Planned key by renamed field of the client's document. */
  readonly plannedKeys: ReadonlyMap<FieldNode, string>;
  /** The client's key by planned key. */
  readonly clientKeys: ReadonlyMap<string, string>;
};

/**
 * Planners add fields of their own beside the client's: keys, `__typename`, what @requires names. A client's field that
 * answers under such a name, but is another field or may have other arguments, would be taken for it.
 */
export function createKeyRenamer(document: DocumentNode, reserved: ReservedKeys): KeyRenamer {
  const used = collectKeys(document);
  const plannedKeys = new Map<FieldNode, string>();
  const clientKeys = new Map<string, string>();
  const newKeys = new Map<string, string>();
  const newKeyOf = (key: string): string => {
    const known = newKeys.get(key);
    if (known !== undefined) return known;
    let free = `atlas_${key}`;
    while (used.has(free)) free += "_";
    used.add(free);
    newKeys.set(key, free);
    clientKeys.set(free, key);
    return free;
  };
  return {
    plannedKeys,
    clientKeys,
    rename: (field) => {
      if (!meetsPlanners(field, reserved)) return field;
      const planned = newKeyOf((field.alias ?? field.name).value);
      plannedKeys.set(field, planned);
      return { ...field, alias: { kind: Kind.NAME, value: planned } };
    },
  };
}

function meetsPlanners({ alias, name, arguments: args = [] }: FieldNode, reserved: ReservedKeys): boolean {
  const key = (alias ?? name).value;
  if (reserved.withArguments.has(key)) return true;
  return reserved.all.has(key) && (key !== name.value || args.length > 0);
}

function collectKeys(document: DocumentNode): Set<string> {
  const keys = new Set<string>();
  visit(document, { Field: ({ alias, name }) => void keys.add((alias ?? name).value) });
  return keys;
}
