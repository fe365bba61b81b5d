/**
 * As `shapeAnswer`, for an answer that comes in parts: what was taken out of a deferred fragment is null in its part, and
 * the error about it comes with that part. A part for an object that became null on the way is left out.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  getVariableValues,
  isObjectType,
  Kind,
  type SelectionSetNode,
  visit,
} from "graphql";
import type { Answer, DeferredAnswer, LateAnswer, LatePart, PendingPart } from "../engine/engine.ts";
import { type Denial, toDenialError } from "./authorization/listDenials.ts";
import { type ShapeRequest, shapePart } from "./shapeAnswer.ts";

type Path = PendingPart["path"];

export function shapeParts(
  request: Omit<ShapeRequest, "answer" | "objects">,
  deferred: DeferredAnswer,
): DeferredAnswer {
  const { schema, document, operation, variables, denials, decisionId } = request;
  const { first, late } = deferred;
  const rootType = schema.getRootType(operation.operation);
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  // Without data the request itself was refused, or nothing is left to shape.
  if (!first.data || !coerced || !rootType) {
    const errors = denials.map((denial) => toDenialError(denial, denial.path, decisionId));
    return { ...deferred, first: addErrors(first, errors) };
  }
  const bodies = readBodies(document);
  const reaches = createReaches(document, late);
  const open = new Set<number>();

  /** Those in these selections at this place, outside fragments that come later. */
  function denialsIn(set: SelectionSetNode, place: Path): Denial[] {
    return denials.filter(({ path }) => {
      const isBelow = place.every((step, at) => path[at] === (typeof step === "number" ? "@" : step));
      return isBelow && reaches(set, path.slice(place.length));
    });
  }

  function shape(type: GraphQLObjectType, answer: Answer, set: SelectionSetNode, path: Path): Answer {
    const { data } = answer;
    if (!data || !coerced) return { ...answer, data: null };
    const part = { type, data, set, path, late };
    const shaped = shapePart({ ...request, denials: denialsIn(set, path) }, coerced, part);
    return addErrors({ ...answer, data: shaped.data ?? null }, shaped.errors);
  }

  function keep(pending: readonly PendingPart[], parts: readonly Shaped[]): PendingPart[] {
    const byPlace = new Map(parts.map((part) => [JSON.stringify(part.path), part]));
    const kept = pending.filter(({ path }) => isThere(path, byPlace));
    for (const { id } of kept) open.add(id);
    return kept;
  }

  function shapeOne(part: LatePart): LatePart {
    const type = schema.getType(part.typeName);
    const body = bodies.get(part.fragment);
    if (!body || !isObjectType(type)) throw new Error(`a part of ${part.typeName} that nobody asked for`);
    return { ...part, answer: shape(type, part.answer, body, part.path) };
  }

  function shapeLate({ parts, pending }: LateAnswer): LateAnswer {
    const shaped = parts.filter(({ id }) => open.delete(id)).map(shapeOne);
    const kept = keep(
      pending,
      shaped.map(({ path, answer: { data } }) => ({ path, data })),
    );
    return { parts: shaped, pending: kept, hasNext: open.size > 0 };
  }

  const answer = shape(rootType, first, operation.selectionSet, []);
  const pending = keep(deferred.pending, [{ path: [], data: answer.data }]);
  return { first: answer, pending, late, rest: shapeRest(deferred, shapeLate) };
}

async function* shapeRest(
  { rest }: DeferredAnswer,
  shapeLate: (answer: LateAnswer) => LateAnswer,
): DeferredAnswer["rest"] {
  for await (const answer of rest) {
    const shaped = shapeLate(answer);
    // What was left out may have been all of it.
    if (shaped.parts.length > 0 || !shaped.hasNext) yield shaped;
    if (!shaped.hasNext) return;
  }
}

type Shaped = { readonly path: Path; readonly data: unknown };

/** Whether one of the parts that came last has this object. */
function isThere(path: Path, parts: ReadonlyMap<string, Shaped>): boolean {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = parts.get(JSON.stringify(path.slice(0, length)));
    const value = part && valueAt(part.data, path.slice(length));
    if (typeof value === "object" && value !== null) return true;
  }
  return false;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
  }, data);
}

/** The selections of each fragment that has a directive, by that directive. */
function readBodies(document: DocumentNode): ReadonlyMap<DirectiveNode, SelectionSetNode> {
  const definitions = readDefinitions(document);
  const bodies = new Map<DirectiveNode, SelectionSetNode>();
  visit(document, {
    InlineFragment: ({ directives = [], selectionSet }) => {
      for (const directive of directives) bodies.set(directive, selectionSet);
    },
    FragmentSpread: ({ directives = [], name }) => {
      const body = definitions.get(name.value)?.selectionSet;
      if (body) for (const directive of directives) bodies.set(directive, body);
    },
  });
  return bodies;
}

/** Whether selections have a field at a path of response names, outside fragments that come later. */
function createReaches(document: DocumentNode, late: ReadonlySet<DirectiveNode>) {
  const definitions = readDefinitions(document);

  function step(set: SelectionSetNode, name: string | number | undefined): (SelectionSetNode | undefined)[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD)
        return (selection.alias ?? selection.name).value === name ? [selection.selectionSet] : [];
      if (selection.directives?.some((directive) => late.has(directive))) return [];
      const body =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : definitions.get(selection.name.value);
      return body ? step(body.selectionSet, name) : [];
    });
  }

  return (set: SelectionSetNode, path: Path): boolean => {
    let reached: readonly (SelectionSetNode | undefined)[] = [set];
    for (const name of path) {
      if (name === "@") continue;
      reached = reached.flatMap((set) => (set ? step(set, name) : []));
    }
    return reached.length > 0;
  };
}

function readDefinitions({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((part) =>
      part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
    ),
  );
}

function addErrors(answer: Answer, errors: readonly GraphQLError[]): Answer {
  const all = [...errors, ...(answer.errors ?? [])];
  return all.length > 0 ? { ...answer, errors: all } : answer;
}
