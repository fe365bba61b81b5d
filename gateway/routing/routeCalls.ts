/**
 * Sends each call of a subgraph to the region whose rows it asks for. Without ids of other jurisdictions it stays here and costs
 * a look at its text. Where it would go elsewhere, the law comes first (rankRegions), then the policy: what may not leave is
 * denied with a code, never left out in silence, and not even asked for.
 *
 * - entities are split by the residency in their ids, and come back in their order;
 * - a query by ids is asked here, and what is not here, where those rows are; each root field is of the first that has it;
 * - a mutation goes to the one region whose rows it names.
 *
 * Queries may go on to the next lawful region when one does not answer; mutations may not.
 */
import type { SubgraphAnswer, SubgraphCall, SubgraphError, SubgraphTransport } from "../engine/engine.ts";
import { AppError, type GatewayErrorCode } from "../errors.ts";
import { createMayHold, type FoundId, findIds, parseId } from "./findIds.ts";
import { type Filter, mayCross } from "./mayCross.ts";
import { atEach, type EntityPart, mergeEntities, mergeRoots } from "./mergeAnswers.ts";
import { type Place, rankRegions } from "./rankRegions.ts";

type Calls<Context> = Required<SubgraphTransport<Context>>;

export type RouteOptions<Context> = {
  readonly local: Calls<Context>;
  /** Of another region. */
  readonly callsOf: (region: string) => Pick<SubgraphTransport<Context>, "request">;
  /** All regions as they are now, this one among them. */
  readonly places: () => readonly Place[];
  readonly filtersOf: (context: Context) => Readonly<Record<string, Filter>>;
};

export function createRouteCalls<Context>(options: RouteOptions<Context>): Calls<Context> {
  const { local, callsOf, places, filtersOf } = options;
  const held = new Set(places().find(({ isHere }) => isHere)?.holds);
  const others = new Set(places().flatMap(({ holds }) => holds.filter((one) => !held.has(one))));
  const mayBeForeign = createMayHold([...others]);
  const isForeign = ({ residency }: FoundId): boolean => others.has(residency);

  /** Throws when the rows may not come here, or nobody can give them. */
  function findRegions(ids: readonly FoundId[], residency: string, context: Context): readonly string[] {
    const filters = filtersOf(context);
    if (!ids.every((id) => mayCross(filters, id))) {
      const text = `Rows of ${residency.toUpperCase()} may not leave it for this caller and purpose.`;
      throw new AppError("RESIDENCY_DENIED", 403, text);
    }
    const ranked = rankRegions(places(), residency);
    if (ranked.kind === "regions") return ranked.regions;
    const lawful = ranked.kind === "down" ? ranked.regions.join(", ") : "no region";
    const text = `Rows of ${residency.toUpperCase()} are served by ${lawful} alone, which does not serve now.`;
    throw new AppError("REGION_UNAVAILABLE", 503, text);
  }

  async function ask(
    call: SubgraphCall<Context>,
    ids: readonly FoundId[],
    residency: string,
  ): Promise<SubgraphAnswer> {
    const regions = findRegions(ids, residency, call.context);
    const mayRepeat = call.operationKind === "query";
    for (const [index, region] of regions.entries()) {
      try {
        return await callsOf(region).request(call);
      } catch (thrown) {
        const isLast = index === regions.length - 1;
        if (isLast || !mayRepeat || !isAbsence(thrown)) throw thrown;
      }
    }
    throw new Error(`expected a region for ${residency}`);
  }

  async function requestEntities(
    call: SubgraphCall<Context>,
    representations: readonly unknown[],
  ): Promise<SubgraphAnswer> {
    const groups = groupByResidency(representations, isForeign);
    if (groups.size === 0 || (groups.size === 1 && groups.has(here))) return local.request(call);
    const parts = [...groups].map(async ([residency, { at, ids }]): Promise<EntityPart> => {
      const subset = at.map((place) => representations[place]);
      const part = { ...call, variables: { ...call.variables, representations: subset } };
      const answering = residency === here ? local.request(part) : ask(part, ids, residency);
      return {
        at,
        answer: await answering.catch((thrown: unknown) => ({
          errors: atEach(sequence(at.length), toError(thrown)),
        })),
      };
    });
    return mergeEntities(representations.length, await Promise.all(parts));
  }

  async function requestRoot(call: SubgraphCall<Context>): Promise<SubgraphAnswer> {
    const found = findIds(call.query + JSON.stringify(call.variables));
    const foreign = groupIds(found.filter(isForeign));
    if (foreign.size === 0) return local.request(call);
    if (call.operationKind === "mutation") {
      const [only, ...more] = groupIds(found.filter(({ residency }) => residency !== "global"));
      if (only && more.length === 0) return ask(call, only[1], only[0]);
      const text = "Expected a mutation that names rows of one jurisdiction; it names rows of several.";
      throw new AppError("RESIDENCY_MIXED", 400, text);
    }
    const here = await local.request(call);
    // Lists, and fields like `node` that need no row: nobody else is to hear of them.
    if (!lacksSomething(here)) return here;
    const asked = [...foreign].map(([residency, ids]) =>
      ask(call, ids, residency).catch((thrown: unknown): SubgraphAnswer => ({ errors: [toError(thrown)] })),
    );
    return mergeRoots([here, ...(await Promise.all(asked))]);
  }

  const request = (call: SubgraphCall<Context>): Promise<SubgraphAnswer> => {
    const { representations } = call.variables;
    return Array.isArray(representations) ? requestEntities(call, representations) : requestRoot(call);
  };

  return {
    request,
    requestText: async (call) => {
      if (!mayBeForeign(call.body)) return local.requestText(call);
      const { body, ...told } = call;
      // The engine's own text: one character for each byte.
      const { query, operationName, variables } = JSON.parse(Buffer.from(body, "latin1").toString("utf8"));
      const answer = await request({ ...told, query, operationName, variables: variables ?? {} });
      return { bytes: Buffer.from(JSON.stringify(answer)), isPlain: true, parse: () => answer };
    },
  };
}

function lacksSomething({ data }: SubgraphAnswer): boolean {
  return !data || Object.values(data).some((value) => value === null);
}

/** Stands for this region among residencies. */
const here = "";

type Group = { readonly at: number[]; readonly ids: FoundId[] };

function groupByResidency(
  representations: readonly unknown[],
  isForeign: (id: FoundId) => boolean,
): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const [place, representation] of representations.entries()) {
    const id = idOf(representation);
    const residency = id && isForeign(id) ? id.residency : here;
    const group = groups.get(residency) ?? { at: [], ids: [] };
    group.at.push(place);
    if (id) group.ids.push(id);
    groups.set(residency, group);
  }
  return groups;
}

function idOf(representation: unknown): FoundId | undefined {
  const isObject = typeof representation === "object" && representation !== null && "id" in representation;
  return isObject ? parseId(representation.id) : undefined;
}

function groupIds(ids: readonly FoundId[]): ReadonlyMap<string, readonly FoundId[]> {
  const groups = new Map<string, FoundId[]>();
  for (const id of ids) groups.set(id.residency, [...(groups.get(id.residency) ?? []), id]);
  return groups;
}

function sequence(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

const absences: ReadonlySet<GatewayErrorCode> = new Set(["SUBGRAPH_UNAVAILABLE", "SUBGRAPH_TIMEOUT"]);

function isAbsence(thrown: unknown): boolean {
  return thrown instanceof AppError && absences.has(thrown.code);
}

/** What is none of ours stays a rejection: nothing may pass for an answer by accident. */
function toError(thrown: unknown): SubgraphError {
  if (!(thrown instanceof AppError)) throw thrown;
  return { message: thrown.message, extensions: { code: thrown.code, ...thrown.details } };
}
