/**
 * Walks a plan as the executor would, but over shapes in place of data: so it is known beforehand which answer has which
 * field of which object. Throws NotCompilable where that cannot be known; the general executor does such plans.
 */
import { OperationTypeNode } from "graphql";
import { fetchesIn } from "../../planning/fetchesOf.ts";
import type { PreparedOperation } from "../../planning/prepareOperation.ts";
import type { FetchNode, PathSegment, PlanNode, QueryPlan } from "../../planning/queryPlan.ts";
import type { CompiledPlan, Step, Target, TargetVariant } from "./compiledPlan.ts";
import {
  type CompiledVariant,
  compileVariant,
  findDecider,
  findSources,
  type PrinterState,
} from "./compilePrinter.ts";
import { compileShapes, placeIn, SHAPES_MAX } from "./compileShapes.ts";
import { type JoinedPlan, joinFetches } from "./joinFetches.ts";
import type { KnownTypes } from "./knownTypes.ts";
import { selectForClient } from "./selectForClient.ts";
import { selectRewritten } from "./selectRequired.ts";
import {
  type Attachment,
  type Family,
  HEADER,
  NotCompilable,
  type ObjectShape,
  type Place,
  toByteText,
} from "./shape.ts";

export type CompileOptions = {
  readonly operation: PreparedOperation;
  readonly plan: QueryPlan;
  readonly types: KnownTypes;
  /** Values of the variables in conditions, the same for all who run this plan. */
  readonly conditions: ReadonlyMap<string, boolean>;
  readonly rootTypeName: string;
};

export function compilePlan({
  operation,
  plan,
  types,
  conditions,
  rootTypeName,
}: CompileOptions): CompiledPlan {
  const node = nodeOf(plan);
  if (fetchesIn(node).some(({ contexts }) => contexts)) throw new NotCompilable("values of @fromContext");
  const joined = joinFetches(node);
  const root: ObjectShape = { typeName: rootTypeName, fields: [], attachments: [], size: HEADER };
  const rootPlace: Place = { owner: undefined, variants: [root], isAbstract: false, chain: 0 };
  const state: State = {
    steps: [],
    families: new Map(),
    types,
    operation,
    chains: 0,
    budget: { shapes: SHAPES_MAX },
    printers: { memories: 0, isMemorising: true, reads: new Set() },
    partsOf: joined.partsOf,
  };
  walk(joined.node, [{ place: rootPlace, typeNames: undefined }], [], state);
  const wanted = selectForClient({ operation, types, conditions })(rootTypeName);
  const printer = compileVariant(root, wanted ?? [], state.printers);
  return {
    steps: state.steps,
    root,
    printer,
    families: state.families.size,
    chains: state.chains,
    memories: state.printers.memories,
  };
}

/** An event is an execution whose first answer has come already. */
function nodeOf(plan: QueryPlan): PlanNode | undefined {
  switch (plan.kind) {
    case "operation":
      return plan.node;
    case "subscription":
      return plan.rest ? { kind: "sequence", nodes: [plan.primary, plan.rest] } : plan.primary;
    case "deferred":
      throw new NotCompilable("parts that come later");
  }
}

type State = {
  readonly steps: Step[];
  readonly families: Map<string, Family>;
  readonly types: KnownTypes;
  readonly operation: PreparedOperation;
  chains: number;
  readonly budget: { shapes: number };
  readonly printers: PrinterState;
  readonly partsOf: JoinedPlan["partsOf"];
};

/** Objects of a place, of some types or of all. */
type Objects = { readonly place: Place; readonly typeNames: ReadonlySet<string> | undefined };

/** Returns the steps in it. `before` are those that have had their effect: mutations run one after the other. */
function walk(
  node: PlanNode | undefined,
  objects: readonly Objects[],
  before: readonly Step[],
  state: State,
): readonly Step[] {
  switch (node?.kind) {
    case undefined:
      return [];
    case "sequence": {
      const done: Step[] = [];
      for (const child of node.nodes) done.push(...walk(child, objects, [...before, ...done], state));
      return done;
    }
    case "parallel":
      return node.nodes.flatMap((child) => walk(child, objects, before, state));
    case "flatten":
      return walk(node.node, follow(objects, node.path, state.types), before, state);
    case "fetch":
      return [compileStep(node, objects, before, state)];
    case "separate":
    case "condition":
      throw new NotCompilable(`a ${node.kind} node`);
  }
}

function follow(objects: readonly Objects[], path: readonly PathSegment[], types: KnownTypes): Objects[] {
  let reached = [...objects];
  for (const segment of path) reached = reached.flatMap((one) => followSegment(one, segment, types));
  return reached;
}

function followSegment(objects: Objects, segment: PathSegment, types: KnownTypes): Objects[] {
  const { place, typeNames } = objects;
  switch (segment.kind) {
    // A place is the same in a list and without.
    case "items":
      return [objects];
    case "type": {
      const fitting = variantsOf(objects).filter(({ typeName }) =>
        segment.names.some((name) => types.fits(typeName, name)),
      );
      if (fitting.length === 0) return [];
      return [{ place, typeNames: new Set(fitting.map(({ typeName }) => typeName)) }];
    }
    case "field":
      return variantsOf({ place, typeNames }).flatMap((variant): Objects[] => {
        const sources = findSources(variant, segment.key);
        const [source] = sources;
        if (!source) return [];
        if (sources.length > 1) throw new NotCompilable(`parts of one object from several: ${segment.key}`);
        const found = placeIn(source.field.value);
        return found ? [{ place: found, typeNames: undefined }] : [];
      });
  }
}

function variantsOf({ place, typeNames }: Objects): ObjectShape[] {
  return place.variants.filter(({ typeName }) => typeNames?.has(typeName) ?? true);
}

function compileStep(
  fetch: FetchNode,
  objects: readonly Objects[],
  before: readonly Step[],
  state: State,
): Step {
  const { steps, operation } = state;
  const index = steps.length;
  const family = findFamily(fetch, index, state);
  const needs = new Set<number>();
  if (fetch.operationKind !== "query") for (const step of before) needs.add(step.index);
  const step: Step = {
    index,
    fetch,
    parts: (state.partsOf.get(fetch) ?? []).map((part) => part.operation),
    family,
    ...compileBody(fetch),
    variables: fetch.variables.map((name) => ({
      name,
      clientName: operation.clientVariables.get(name) ?? name,
    })),
    rootAttachment: fetch.requires ? undefined : attachRoot(objects, index, family),
    targets: fetch.requires
      ? objects.map((one) => compileTarget(fetch, one, index, family, state, needs))
      : [],
    waitsFor: needs.size,
    waiters: [],
  };
  for (const need of needs) steps[need]?.waiters.push(index);
  family.steps.add(index);
  steps.push(step);
  return step;
}

/** Told apart without the operation's name, which numbers fetches. */
function findFamily(fetch: FetchNode, step: number, { families, types, budget, operation }: State): Family {
  const text = fetch.operation.replace(/^query \w+/, "query");
  // Between the root fields of a mutation an entity may change.
  const isStable = operation.definition.operation !== OperationTypeNode.MUTATION;
  const key = fetch.requires && isStable ? `${fetch.subgraph} ${text}` : `${step}`;
  const known = families.get(key);
  if (known) return known;
  const family = compileShapes(fetch, families.size, types, budget);
  families.set(key, family);
  return family;
}

function attachRoot(objects: readonly Objects[], step: number, family: Family): Attachment {
  const [only] = objects;
  const root = only?.place.variants[0];
  if (!root || only.place.owner || objects.length > 1)
    throw new NotCompilable("a fetch of root fields below the root");
  return attach(root, step, family, undefined);
}

/** A second step of a family that comes to the same objects goes on where the first left off. */
function attach(shape: ObjectShape, step: number, family: Family, uses: CompiledVariant["uses"]): Attachment {
  const known = shape.attachments.find((attachment) => attachment.family === family);
  if (known) {
    known.steps.add(step);
    return known;
  }
  const part = family.partOf(shape.typeName);
  const attachment = { family, offset: shape.size, part, uses, steps: new Set([step]) };
  shape.attachments.push(attachment);
  shape.size += 1;
  return attachment;
}

function compileTarget(
  fetch: FetchNode,
  objects: Objects,
  step: number,
  family: Family,
  state: State,
  needs: Set<number>,
): Target {
  const { place } = objects;
  if (!place.owner) throw new NotCompilable("a representation of the root");
  for (const need of place.owner.steps) needs.add(need);
  if (place.chain === 0) {
    place.chain = 1 + 2 * state.chains;
    state.chains += 1;
  }
  const meant = new Set(variantsOf(objects));
  const variants = place.variants.map((shape): TargetVariant | undefined => {
    const wanted = meant.has(shape) ? selectRewritten(fetch, state.types)(shape.typeName) : [];
    // The general executor takes the type of an object from its data alone, and sends nothing without.
    if (!wanted?.some(({ sourceKey }) => sourceKey === "__typename")) return undefined;
    if (findSources(shape, "__typename").length === 0) return undefined;
    const reads = new Set<Attachment>();
    const printer = compileVariant(shape, wanted, { memories: 0, isMemorising: false, reads });
    for (const { steps } of reads) for (const need of steps) needs.add(need);
    const decider = printer.uses && findDecider(shape, printer.uses);
    const memory = decider ? state.printers.memories++ : -1;
    const attachment = attach(shape, step, family, printer.uses);
    return { printer, attachment, decidedBy: decider?.offset ?? -1, memory };
  });
  return { place, variants };
}

function compileBody({ operation, operationName }: FetchNode): Pick<Step, "head" | "tail"> {
  // As JSON.stringify prints { query, operationName, variables }.
  const text = JSON.stringify({ query: operation, operationName, variables: {} });
  return { head: toByteText(text.slice(0, -2)), tail: "}}" };
}
