/**
 * The coordinates that guard one field. All of them must be allowed: the field, its parent type and the type that it
 * returns; through an interface, the field and the type of every implementer (GHSA-x33c-7c2v-mrj9).
 */
import {
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from "graphql";
import type { SecurityRules } from "../../supergraph/securityRules.ts";

export type FieldCoordinates = (parent: GraphQLCompositeType, field: string) => readonly string[];

export function createFieldCoordinates(schema: GraphQLSchema, rules: SecurityRules): FieldCoordinates {
  const known = new Map<string, readonly string[]>();

  function coordinatesOf(parent: GraphQLCompositeType, field: string): readonly string[] {
    if (field === "__typename") return typeNameCoordinates(parent);
    if (field === "__schema" || field === "__type") return [`${parent.name}.${field}`];
    // Introspection types are governed by the two fields that lead to them.
    if (isUnionType(parent) || parent.name.startsWith("__")) return [];
    const type = parent.getFields()[field]?.type;
    if (!type) throw new Error(`a valid document selects ${parent.name}.${field}, which the schema lacks`);
    const returned = getNamedType(type);
    return [
      ...fieldCoordinates(parent, field),
      ...typeCoordinates(parent),
      ...(isInterfaceType(returned) ? ownRules(returned, returned.name) : ruled(returned.name)),
    ];
  }

  /** The name of an object's type is guarded as the type is. Through an interface or union it is not a secret. */
  function typeNameCoordinates(parent: GraphQLCompositeType): readonly string[] {
    return isObjectType(parent) ? typeCoordinates(parent) : [];
  }

  function fieldCoordinates(parent: GraphQLObjectType | GraphQLInterfaceType, field: string): string[] {
    return [
      `${parent.name}.${field}`,
      ...implementersOf(parent).map((name) => `${name}.${field}`),
      ...parent.getInterfaces().flatMap((type) => ownRules(type, `${type.name}.${field}`)),
    ];
  }

  function typeCoordinates(parent: GraphQLObjectType | GraphQLInterfaceType): string[] {
    return [
      ...ruled(parent.name),
      ...implementersOf(parent).flatMap(ruled),
      ...parent.getInterfaces().flatMap((type) => ownRules(type, type.name)),
    ];
  }

  function implementersOf(type: GraphQLObjectType | GraphQLInterfaceType): string[] {
    return isInterfaceType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : [];
  }

  /**
   * The rule of an interface is usually the sum of its implementers' (`SecurityRules`), which hold where a field is
   * read through it. It is a rule of its own when no implementer explains it, as supergraphs composed before
   * Federation 2.9 may have; then it holds for the implementers as well (GHSA-mx7m-j9xf-62hw).
   */
  function ownRules(type: GraphQLInterfaceType, coordinate: string): string[] {
    const rule = rules.get(coordinate);
    if (!rule) return [];
    const field = coordinate.split(".")[1];
    const implementers = implementersOf(type).map((name) => rules.get(field ? `${name}.${field}` : name));
    const isOwn =
      (rule.authenticated && !implementers.some((other) => other?.authenticated)) ||
      (rule.scopes !== undefined && !implementers.some((other) => other?.scopes)) ||
      (rule.policies !== undefined && !implementers.some((other) => other?.policies));
    return isOwn ? [coordinate] : [];
  }

  /** Types without a rule need no decision: what they hold is decided field by field. */
  function ruled(type: string): string[] {
    return rules.has(type) ? [type] : [];
  }

  return (parent, field) => {
    const key = `${parent.name}.${field}`;
    const coordinates = known.get(key) ?? [...new Set(coordinatesOf(parent, field))];
    known.set(key, coordinates);
    return coordinates;
  };
}
