/**
 * What `@cost` and `@listSize` say (https://ibm.github.io/graphql-specs/cost-spec.html), by schema coordinate. Like the
 * security rules they are found by the identity of their specification, so a renamed import is the same rule.
 */
import type { Directive, Schema } from "@apollo/federation-internals";
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
} from "@apollo/federation-internals";
import type { ParsedSupergraph } from "./parseSupergraph.ts";

export type CostRules = {
  /** Weights by `Type`, `Type.field`, `Type.field(argument:)` and `Input.field`. */
  readonly weights: ReadonlyMap<string, number>;
  /** By `Type.field`. */
  readonly listSizes: ReadonlyMap<string, ListSize>;
};

export type ListSize = {
  readonly assumedSize: number | undefined;
  /** Arguments that say how long the list will be: composition lets only integers be that. */
  readonly slicingArguments: readonly string[];
  /** The fields below this one that the size is of; empty when it is of this one. */
  readonly sizedFields: readonly string[];
};

type Annotated = { readonly coordinate: string; readonly appliedDirectives: readonly Directive[] };

const identity = "https://specs.apollo.dev/cost";

export function readCostRules({ parsed: { schema } }: Pick<ParsedSupergraph, "parsed">): CostRules {
  const nameOf = (directive: string) =>
    schema.coreFeatures?.getByIdentity(identity)?.directiveNameInSchema(directive);
  const [cost, listSize] = [nameOf("cost"), nameOf("listSize")];
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  for (const element of elementsOf(schema)) {
    for (const { name, arguments: read } of element.appliedDirectives.map(readDirective)) {
      if (name === cost) weights.set(element.coordinate, Number(read.weight));
      if (name === listSize) listSizes.set(element.coordinate, toListSize(read));
    }
  }
  return { weights, listSizes };
}

/** Everything that the two directives may stand on. */
function* elementsOf(schema: Schema): Generator<Annotated> {
  for (const type of schema.types()) {
    if (isObjectType(type) || isScalarType(type) || isEnumType(type)) {
      yield { coordinate: type.name, appliedDirectives: type.appliedDirectives };
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of type.fields()) {
        yield field;
        yield* field.arguments();
      }
    }
    if (isInputObjectType(type)) yield* type.fields();
  }
}

function readDirective(directive: Directive) {
  return { name: directive.name, arguments: directive.arguments() as Readonly<Record<string, unknown>> }; // Its own type is `any` by key.
}

function toListSize({
  assumedSize,
  slicingArguments,
  sizedFields,
}: Readonly<Record<string, unknown>>): ListSize {
  return {
    assumedSize: typeof assumedSize === "number" ? assumedSize : undefined,
    slicingArguments: toNames(slicingArguments),
    sizedFields: toNames(sizedFields),
  };
}

function toNames(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
