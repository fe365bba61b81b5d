/**
 * Gives an answer the shape that the client asked for, after policies: a denied field is null in its place, a row that
 * nobody may know of is not there, a masked value is what the mask leaves, and nothing of what the gateway asked for
 * itself remains. A null where the type forbids one moves up as the specification says (§6.4.4).
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import type { Mask, ObjectDecision } from "../../policies/runtime/decideObjects.ts";
import type { Answer } from "../engine/engine.ts";
import { type Denial, toDenialError } from "./authorization/listDenials.ts";
import type { ObjectVerdicts } from "./decideObjects.ts";
import { typeKey } from "./objects/addHiddenFields.ts";
import type { ApplyMask } from "./objects/applyMask.ts";
import { type Fields, isFields } from "./objects/collectObjects.ts";
import { type DenialTree, toDenialTree } from "./shaping/denialTree.ts";
import { createCollectFields } from "./shaping/fieldReader.ts";
import { moveErrors } from "./shaping/moveErrors.ts";
import { below, type Place, toPath } from "./shaping/place.ts";

export type ShapeRequest = {
  readonly schema: GraphQLSchema;
  /** The document and operation as the client sent them. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly answer: Answer;
  /** What of the operation was denied before anything was fetched. */
  readonly denials: readonly Denial[];
  readonly decisionId: string;
  /** What of the schema may be shown, by response name, in place of what the engine says. */
  readonly introspection?: Readonly<Record<string, unknown>> | undefined;
  /** What was decided about rows; undefined when no rule guards any of them. */
  readonly objects: ObjectRules | undefined;
};

export type ObjectRules = {
  readonly isGuarded: (type: string) => boolean;
  readonly verdicts: ObjectVerdicts;
  readonly applyMask: ApplyMask;
};

export type ShapedAnswer = {
  readonly answer: Answer;
  /** A field of the root was dropped: for an event of a subscription there is nothing to tell. */
  readonly isDropped: boolean;
};

/** Errors of denied places in lists are told one by one up to here, and for the rest of them at once. */
const placesMax = 1_000;

export function shapeAnswer(request: ShapeRequest): ShapedAnswer {
  const { schema, operation, variables, answer, denials, decisionId } = request;
  const engineErrors = answer.errors ?? [];
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables).coerced;
  const rootType = schema.getRootType(operation.operation);
  const withErrors = (errors: readonly GraphQLError[]) => (errors.length > 0 ? { errors } : {});
  // Without data the request itself was refused, and there is nothing to shape.
  if (!answer.data || !coerced || !rootType) {
    const errors = [
      ...denials.map((denial) => toDenialError(denial, denial.path, decisionId)),
      ...engineErrors,
    ];
    return { answer: { ...answer, ...withErrors(errors) }, isDropped: false };
  }
  const shaping = createShaping(request, coerced);
  const shaped = shaping.shapeRoot(rootType, answer.data, operation.selectionSet);
  const errors = [...shaping.denialErrors(), ...moveErrors(engineErrors, shaping.removals)];
  const masked = shaping.masked();
  const { errors: _replaced, ...rest } = answer;
  return {
    answer: {
      ...rest,
      ...withErrors(errors),
      data: shaped === forbiddenNull || shaped === dropped || shaped === droppedWithin ? null : shaped,
      ...(masked.length > 0 && { extensions: { ...answer.extensions, masked } }),
    },
    isDropped: shaping.isRootDropped(),
  };
}

type PartToShape = {
  readonly type: GraphQLObjectType;
  readonly data: Fields;
  readonly set: SelectionSetNode;
  /** Where in the whole answer it stands. */
  readonly path: readonly (string | number)[];
  /** Of fragments in it that come by themselves. */
  readonly late: ReadonlySet<DirectiveNode>;
};

/** One part of an answer in which no rule guards rows. `denials` are those in this part. */
export function shapePart(
  request: Omit<ShapeRequest, "answer" | "objects">,
  coerced: Fields,
  { type, data, set, path, late }: PartToShape,
): { readonly data: Answer["data"]; readonly errors: readonly GraphQLError[] } {
  const shaping = createShaping({ ...request, objects: undefined }, coerced, late);
  const shaped = shaping.shapeRoot(type, data, set, path);
  return { data: typeof shaped === "symbol" ? null : shaped, errors: shaping.denialErrors() };
}

/** A null where the type has an exclamation mark; the nearest nullable place above takes it. */
const forbiddenNull = Symbol("forbidden null");
/** A row that is not there for this caller, and what cannot be there without it. */
const dropped = Symbol("dropped");
const droppedWithin = Symbol("dropped within");

type Shaped = Record<string, unknown> | typeof forbiddenNull | typeof dropped | typeof droppedWithin;

function createShaping(
  { schema, document, denials, decisionId, introspection, objects }: Omit<ShapeRequest, "answer">,
  variables: Fields,
  late?: ReadonlySet<DirectiveNode>,
) {
  const collectFields = createCollectFields(schema, document, variables, late);
  const tree = toDenialTree(denials);
  const told = new Set<Denial>();
  const untold = new Set<Denial>();
  const errors: GraphQLError[] = [];
  const removals = {
    removed: new Set<string>(),
    indexes: new Map<string, (number | undefined)[]>(),
    masked: new Set<string>(),
  };
  const maskedFields = new Map<string, { coordinate: string; as: Mask["as"]; reason: string }>();
  let isRootDropped = false;

  /** `path` is where in the whole answer the data stands. */
  function shapeRoot(
    type: GraphQLObjectType,
    data: Fields,
    set: SelectionSetNode,
    path: readonly (string | number)[] = [],
  ): Shaped {
    let place: Place | undefined;
    for (const key of path) place = below(place, place ? place.denials : tree, key);
    return shapeFields(type, data, [set], place, place ? place.denials : tree, undefined);
  }

  function shapeFields(
    type: GraphQLObjectType,
    data: Fields,
    sets: Parameters<typeof collectFields>[1],
    place: Place | undefined,
    denialsHere: DenialTree | undefined,
    decision: ObjectDecision | undefined,
  ): Shaped {
    // No prototype, so that an alias like __proto__ is a key as any other.
    const shaped: Record<string, unknown> = Object.create(null);
    const fields = collectFields(type, sets);
    const isShortened = objects !== undefined && losesRows(type, data, fields);
    for (const [key, nodes] of fields) {
      const name = nodes[0]?.name.value ?? "";
      const fieldType = type.getFields()[name]?.type;
      const value = Object.hasOwn(data, key) ? data[key] : null;
      // `__typename` comes as it is, and of the schema what the caller may know.
      if (!fieldType) {
        shaped[key] = introspection && name !== "__typename" ? (introspection[key] ?? null) : value;
        continue;
      }
      const here = below(place, denialsHere, key);
      if (here.denials?.denial && !Object.hasOwn(data, key)) tell(here.denials.denial, here);
      const mask = decision?.masks[name];
      const completed =
        isShortened && tellsOfRows(type, name)
          ? shapeUntold(fieldType, `${type.name}.${name}`, here)
          : mask
            ? shapeMasked(
                fieldType,
                value,
                mask,
                { coordinate: `${type.name}.${name}`, reason: decision.reason },
                here,
              )
            : shapeValue(fieldType, value, nodes, here, isShortened && name === "pageInfo");
      if (completed === forbiddenNull) return forbiddenNull;
      if (completed === dropped || completed === droppedWithin) {
        if (place === undefined) isRootDropped = true;
        if (isNonNullType(fieldType) || (type.name.endsWith("Edge") && name === "node")) return droppedWithin;
        if (completed === droppedWithin) refuse(getNamedType(fieldType).name, "UNAUTHORIZED", here);
        shaped[key] = null;
        continue;
      }
      shaped[key] = completed;
    }
    return shaped;
  }

  function shapeValue(
    type: GraphQLOutputType,
    value: unknown,
    nodes: readonly FieldNode[],
    place: Place,
    isPageOfShortened = false,
  ): unknown {
    if (isNonNullType(type)) {
      return value === null
        ? forbiddenNull
        : (shapeValue(type.ofType, value, nodes, place, isPageOfShortened) ?? forbiddenNull);
    }
    if (value === null || value === undefined) return null;
    if (isListType(type)) return Array.isArray(value) ? shapeList(type.ofType, value, nodes, place) : null;
    if (!isCompositeType(type)) return value;
    const objectType = isObjectType(type) ? type : findTypeOf(value);
    if (!objectType || !isFields(value)) return null;
    const decision = decisionOn(objectType, value);
    if (decision?.outcome === "drop" || decision?.outcome === "null") {
      removals.removed.add(JSON.stringify(toPath(place)));
      if (decision.outcome === "drop") return dropped;
      refuse(objectType.name, decision.reason, place);
      return null;
    }
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const seen = isPageOfShortened ? withoutCursors(value, collectFields(objectType, sets)) : value;
    const shaped = shapeFields(objectType, seen, sets, place, place.denials, decision);
    return shaped === forbiddenNull ? null : shaped;
  }

  function shapeList(
    type: GraphQLOutputType,
    values: readonly unknown[],
    nodes: readonly FieldNode[],
    place: Place,
  ): unknown {
    const items: unknown[] = [];
    const indexes: (number | undefined)[] = [];
    let isForbidden = false;
    for (const [at, value] of values.entries()) {
      const item = shapeValue(type, value, nodes, below(place, place.denials, at));
      if (item === forbiddenNull) isForbidden = true;
      const isHere = item !== dropped && item !== droppedWithin;
      indexes.push(isHere ? items.length : undefined);
      if (isHere) items.push(item);
    }
    if (items.length < values.length) removals.indexes.set(JSON.stringify(toPath(place)), indexes);
    return isForbidden ? null : items;
  }

  /** Without an answer about a guarded row, there is none to see. */
  function decisionOn(type: GraphQLObjectType, object: Fields): ObjectDecision | undefined {
    if (!objects?.isGuarded(type.name)) return undefined;
    return objects.verdicts.get(object) ?? undecided;
  }

  function shapeMasked(
    type: GraphQLOutputType,
    value: unknown,
    mask: Mask,
    told: { readonly coordinate: string; readonly reason: string },
    place: Place,
  ): unknown {
    const leaf = getNamedType(type);
    removals.masked.add(JSON.stringify(toPath(place)));
    maskedFields.set(told.coordinate, { coordinate: told.coordinate, as: mask.as, reason: told.reason });
    // What is not a leaf has no part that could be shown.
    const masked = isLeafType(leaf)
      ? maskEach(value, (each) => objects?.applyMask(mask, each, leaf) ?? null)
      : null;
    if (masked !== null || !isNonNullType(type)) return masked;
    refuse(told.coordinate, told.reason, place);
    return forbiddenNull;
  }

  /** A count or a cursor of a list that lost rows here would tell how many, and which. */
  function shapeUntold(type: GraphQLOutputType, coordinate: string, place: Place): unknown {
    refuse(coordinate, "COUNTS_HIDDEN_ROWS", place);
    return isNonNullType(type) ? forbiddenNull : null;
  }

  function losesRows(
    type: GraphQLObjectType,
    data: Fields,
    fields: ReturnType<typeof collectFields>,
  ): boolean {
    if (!isConnection(type)) return false;
    for (const [key, [node]] of fields) {
      if (node?.name.value !== "edges" && node?.name.value !== "nodes") continue;
      const rows = data[key];
      if (
        Array.isArray(rows) &&
        rows.some(
          (row) =>
            isFields(row) &&
            (isHidden(row) || Object.values(row).some((inner) => isFields(inner) && isHidden(inner))),
        )
      )
        return true;
    }
    return false;
  }

  function isHidden(object: Fields): boolean {
    const type = object[typeKey];
    if (typeof type !== "string" || !objects?.isGuarded(type)) return false;
    return (objects.verdicts.get(object) ?? undecided).outcome === "drop";
  }

  function findTypeOf(value: unknown): GraphQLObjectType | undefined {
    const name = isFields(value) ? value[typeKey] : undefined;
    const type = typeof name === "string" ? schema.getType(name) : undefined;
    return isObjectType(type) ? type : undefined;
  }

  function tell(denial: Denial, place: Place): void {
    if (errors.length >= placesMax) {
      untold.add(denial);
      return;
    }
    told.add(denial);
    errors.push(toDenialError(denial, toPath(place), decisionId));
  }

  function refuse(coordinate: string, reason: string, place: Place): void {
    if (errors.length < placesMax)
      errors.push(toDenialError({ coordinate, reason }, toPath(place), decisionId));
  }

  return {
    shapeRoot,
    removals,
    isRootDropped: () => isRootDropped,
    masked: () => [...maskedFields.values()],
    /** By index where something was fetched, with `@` where nothing was. */
    denialErrors: () => [
      ...errors,
      ...denials
        .filter((denial) => !told.has(denial) || untold.has(denial))
        .map((denial) => toDenialError(denial, denial.path, decisionId)),
    ],
  };
}

const undecided: ObjectDecision = {
  outcome: "drop",
  reason: "UNDECIDED",
  rule: "",
  masks: {},
  dry_run: [],
};

/** A page of a list as https://relay.dev/graphql/connections.htm has it. */
function isConnection(type: GraphQLObjectType): boolean {
  return type.name.endsWith("Connection") && type.getFields().pageInfo !== undefined;
}

function tellsOfRows(type: GraphQLObjectType, field: string): boolean {
  return isConnection(type) && /count|total/i.test(field);
}

function withoutCursors(page: Fields, fields: ReadonlyMap<string, readonly FieldNode[]>): Fields {
  const kept: Record<string, unknown> = { ...page };
  for (const [key, [node]] of fields) if (/cursor/i.test(node?.name.value ?? "")) kept[key] = null;
  return kept;
}

function maskEach(value: unknown, mask: (value: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((each) => maskEach(each, mask)) : mask(value);
}
