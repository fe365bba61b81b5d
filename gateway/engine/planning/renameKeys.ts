import { type DocumentNode, type FieldNode, Kind, print, visit } from "graphql";
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
 *
 * Under one key a client may also ask for different fields, or one with different arguments, where they are of types that
 * no object has both of. Apollo's planner makes one fetch for the entities below them and asks for one of the fields alone:
 * silently wrong. So each gets a key of its own.
 */
export function createKeyRenamer(document: DocumentNode, reserved: ReservedKeys): KeyRenamer {
  const used = new Set<string>();
  /** What is first asked for under each key. */
  const first = new Map<string, string>();
  visit(document, {
    Field: (field) => {
      const key = keyOf(field);
      used.add(key);
      if (!first.has(key)) first.set(key, headOf(field));
    },
  });
  const plannedKeys = new Map<FieldNode, string>();
  const clientKeys = new Map<string, string>();
  const newKeys = new Map<string, string>();
  const newKeyOf = (key: string, head: string): string => {
    const id = `${key}: ${head}`;
    const known = newKeys.get(id);
    if (known !== undefined) return known;
    let free = `atlas_${key}`;
    while (used.has(free)) free += "_";
    used.add(free);
    newKeys.set(id, free);
    clientKeys.set(free, key);
    return free;
  };
  return {
    plannedKeys,
    clientKeys,
    rename: (field) => {
      const key = keyOf(field);
      const head = headOf(field);
      if (!meetsPlanners(field, reserved) && first.get(key) === head) return field;
      const planned = newKeyOf(key, head);
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

function keyOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value;
}

/** Name and arguments. */
function headOf({ name, arguments: args = [] }: FieldNode): string {
  return args.length === 0 ? name.value : `${name.value}(${args.map(print).sort().join(", ")})`;
}
