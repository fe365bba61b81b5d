/** Which object types a value can have where a subgraph answers it, from the supergraph's `join__` directives. */
import { isInterfaceType, isObjectType, isUnionType, type NamedType } from "@apollo/federation-internals";
import type { ParsedSupergraph } from "../../supergraph/parseSupergraph.ts";
import { readArguments, readFieldSet } from "../../supergraph/readFieldSet.ts";

export type SubgraphTypes = {
  /** The object types that fit a type condition, in any subgraph; none for an unknown type. */
  readonly possible: (type: string) => ReadonlySet<string>;
  /** Those that this subgraph can answer for a field of this type. */
  readonly possibleIn: (subgraph: string, type: string) => ReadonlySet<string>;
  /** There it is one object type for all implementers, and its `__typename` says nothing. */
  readonly isInterfaceObject: (subgraph: string, type: string) => boolean;
  /** The fields at the top of each key by which it finds entities of this type; none where it says nothing of keys. */
  readonly resolvableKeys: (subgraph: string, type: string) => readonly (readonly string[])[];
};

export function createSubgraphTypes({ parsed }: Pick<ParsedSupergraph, "parsed">): SubgraphTypes {
  const { schema } = parsed;
  const graphs = parsed.subgraphNameToGraphEnumValue();
  const possible = remember((name) => possibleTypes(schema.type(name)));
  const interfaceObjects = remember((subgraph) => {
    const graph = graphs.get(subgraph);
    const isOne = (type: NamedType) =>
      joins(type, "join__type").some((join) => join.graph === graph && join.isInterfaceObject === true);
    return new Set(
      schema
        .interfaceTypes()
        .filter(isOne)
        .map(({ name }) => name),
    );
  });
  const isInterfaceObject = (subgraph: string, type: string) => interfaceObjects(subgraph).has(type);
  const possibleIn = remember((key) => {
    const [subgraph = "", name = ""] = key.split(" ");
    const type = schema.type(name);
    const graph = graphs.get(subgraph);
    if (!type || !graph || isObjectType(type) || isInterfaceObject(subgraph, name)) return possible(name);
    const all = [...possible(name)];
    if (isUnionType(type)) {
      const members = joins(type, "join__unionMember").filter((join) => join.graph === graph);
      return new Set(all.filter((member) => members.some((join) => join.member === member)));
    }
    return new Set(
      all.filter((object) =>
        joins(schema.type(object), "join__implements").some(
          (join) => join.graph === graph && join.interface === name,
        ),
      ),
    );
  });
  const resolvableKeys = remember((key) => {
    const [subgraph = "", name = ""] = key.split(" ");
    return joins(schema.type(name), "join__type").flatMap(({ graph, key: fields, resolvable }) =>
      graph === graphs.get(subgraph) && typeof fields === "string" && resolvable !== false
        ? [[...readArguments(readFieldSet(fields)).keys()].filter((path) => !path.includes("."))]
        : [],
    );
  });
  return {
    possible,
    isInterfaceObject,
    // Names of subgraphs and types have no spaces.
    possibleIn: (subgraph, type) => possibleIn(`${subgraph} ${type}`),
    resolvableKeys: (subgraph, type) => resolvableKeys(`${subgraph} ${type}`),
  };
}

function possibleTypes(type: NamedType | undefined): ReadonlySet<string> {
  if (!type) return new Set();
  if (isObjectType(type)) return new Set([type.name]);
  if (isInterfaceType(type)) return new Set(type.possibleRuntimeTypes().map(({ name }) => name));
  return new Set(isUnionType(type) ? type.types().map(({ name }) => name) : []);
}

function joins(type: NamedType | undefined, directive: string): Readonly<Record<string, unknown>>[] {
  return (type?.appliedDirectivesOf(directive) ?? []).map((applied) => applied.arguments());
}

function remember<Result>(read: (key: string) => Result): (key: string) => Result {
  const known = new Map<string, Result>();
  return (key) => {
    const found = known.get(key) ?? read(key);
    known.set(key, found);
    return found;
  };
}
