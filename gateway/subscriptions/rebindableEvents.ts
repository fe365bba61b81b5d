/**
 * The events of one subscription while what serves it may be replaced by what the next supergraph makes of it.
 *
 * Where the next one asks the same subgraph the same, its source goes on and later events are completed by the new plan:
 * none is lost or repeated. Where it asks something else, the new source is opened beside the old one, which goes on
 * being answered from, until the new one has told an event that the old one told too (alignEvents.ts): from there on the
 * new one counts. GraphQL subscriptions have neither positions nor an acknowledgement, so where no event can be found in
 * both, the new source takes over with all it has told, `unmatchedMs` after its first event, or silently after
 * `overlapMs`.
 */
import type { Answer, SubgraphAnswer } from "../engine/engine.ts";
import { countTold } from "./alignEvents.ts";
import type { BoundSubscription, Hold } from "./boundSubscription.ts";

export type RebindableEvents = {
  /** Undefined when it is over. Rejects when it was ended with an error. One call at a time. */
  readonly next: () => Promise<TakenEvent | undefined>;
  readonly rebind: (bound: BoundSubscription, hold: Hold) => Rebound;
  /** Leaves the sources; what waits to be taken is told first when there is an ending. */
  readonly end: (ending?: Ending) => void;
};

export type Ending =
  | { readonly kind: "error"; readonly thrown: Error }
  | { readonly kind: "answer"; readonly answer: Answer };

export type Rebound = "kept" | "reopened";

/** `done` is to be called when it has been completed, which may leave nothing to tell. */
export type TakenEvent = { readonly complete: () => Promise<Answer | undefined>; readonly done: () => void };

type Timing = { readonly graceMs: number; readonly unmatchedMs: number; readonly overlapMs: number };

/** Both sources tell an event at about the same time; so much later it is known which of them the new one begins with. */
const timingDefault: Timing = { graceMs: 100, unmatchedMs: 1_000, overlapMs: 10_000 };

/** Read ahead of the client while two sources are open; beyond it events wait where they come from. */
const aheadMax = 1_000;

type Source = {
  bound: BoundSubscription;
  release: () => void;
  hold: Hold;
  readonly events: AsyncIterator<SubgraphAnswer, void, undefined>;
  isPending: boolean;
  /** How it ended by itself. */
  ending: { readonly thrown: unknown } | "completed" | undefined;
};

/** A source that has not taken over yet. */
type Incoming = Source & {
  readonly told: SubgraphAnswer[];
  /** Settled when whatever it began with should have come from the other one too. */
  hearing: "silent" | "heard" | "settled";
  readonly timers: NodeJS.Timeout[];
};

export function createRebindableEvents(
  first: BoundSubscription,
  hold: Hold,
  timing: Timing = timingDefault,
): RebindableEvents {
  let current = openSource(first, hold);
  let incoming: Incoming | undefined;
  /** Events of `current` since `incoming` was opened. */
  let recent: SubgraphAnswer[] = [];
  /** Events that the current source has still to tell and its predecessor has told. */
  let toldBefore = 0;
  const waiting: TakenEvent[] = [];
  let ending: Ending | "left" | undefined;
  let wake = () => {};

  function pull(source: Source): void {
    if (source.isPending || source.ending || ending) return;
    source.isPending = true;
    const take = (told: { readonly event: SubgraphAnswer } | NonNullable<Source["ending"]>) => {
      source.isPending = false;
      // One that was left has nothing to say any more.
      if (ending || (source !== current && source !== incoming)) return;
      if (typeof told === "object" && "event" in told) receive(source, told.event);
      else source.ending = told;
      advance();
      wake();
    };
    source.events.next().then(
      (result) => take(result.done ? "completed" : { event: result.value }),
      (thrown: unknown) => take({ thrown }),
    );
  }

  function receive(source: Source, event: SubgraphAnswer): void {
    if (source === incoming) incoming.told.push(event);
    else if (toldBefore > 0) toldBefore -= 1;
    else {
      waiting.push(toTaken(source, event));
      if (incoming && recent.push(event) > aheadMax) recent.shift();
    }
  }

  /** While two sources are open both are read as fast as they tell, whatever the pace of the client. */
  function advance(): void {
    if (!incoming) return;
    if (incoming.hearing === "silent" && incoming.told.length > 0) scheduleAlignment(incoming);
    const told = incoming.hearing === "settled" ? countTold(recent, incoming.told) : undefined;
    // One that is over before it has told anything has nothing to wait for.
    if (told !== undefined || (incoming.ending && incoming.told.length === 0)) {
      handOver(told ?? 0);
      return;
    }
    if (waiting.length < aheadMax) pull(current);
    if (incoming.told.length < aheadMax) pull(incoming);
  }

  function scheduleAlignment(source: Incoming): void {
    source.hearing = "heard";
    const settle = () => {
      source.hearing = "settled";
      advance();
      wake();
    };
    source.timers.push(
      setTimeout(settle, timing.graceMs),
      setTimeout(() => handOver(0), timing.unmatchedMs),
    );
  }

  /** `told` of the events of the incoming source have come from the current one too. */
  function handOver(told: number): void {
    const next = dropIncoming();
    if (!next || ending) return;
    leave(current);
    current = next;
    toldBefore = Math.max(0, told - next.told.length);
    for (const event of next.told.slice(told)) waiting.push(toTaken(next, event));
    recent = [];
    wake();
  }

  function dropIncoming(): Incoming | undefined {
    const dropped = incoming;
    incoming = undefined;
    for (const timer of dropped?.timers ?? []) clearTimeout(timer);
    return dropped;
  }

  function leaveIncoming(): void {
    const left = dropIncoming();
    if (left) leave(left);
  }

  function openIncoming(bound: BoundSubscription, holdNext: Hold): void {
    leaveIncoming();
    recent = [];
    const timers = [setTimeout(() => handOver(0), timing.overlapMs)];
    incoming = { ...openSource(bound, holdNext), told: [], hearing: "silent", timers };
    advance();
  }

  function endNow(how: Ending | undefined): void {
    if (ending) return;
    ending = how ?? "left";
    leaveIncoming();
    leave(current);
    if (!how) for (const { done } of waiting.splice(0)) done();
    wake();
  }

  /** Undefined as long as there is more to come. */
  function takeLast(): Promise<TakenEvent | undefined> | undefined {
    if (ending === "left") return Promise.resolve(undefined);
    if (ending?.kind === "error") return Promise.reject(ending.thrown);
    if (ending) {
      const { answer } = ending;
      ending = "left";
      return Promise.resolve({ complete: async () => answer, done: () => {} });
    }
    if (!current.ending || incoming) return undefined;
    const { ending: sourceEnding, bound } = current;
    const answer = sourceEnding === "completed" ? undefined : bound.toLastAnswer(sourceEnding.thrown);
    endNow(answer && { kind: "answer", answer });
    return takeLast();
  }

  return {
    async next() {
      for (;;) {
        const taken = waiting.shift();
        if (taken) return taken;
        const last = takeLast();
        if (last) return last;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        pull(current);
        await woken;
      }
    },

    rebind(bound, holdNext) {
      if (ending) return "kept";
      const { key } = bound.source;
      if (incoming?.bound.source.key === key) {
        replaceBound(incoming, bound, holdNext);
        return "reopened";
      }
      if (current.bound.source.key === key) {
        leaveIncoming();
        replaceBound(current, bound, holdNext);
        return "kept";
      }
      // What the caller may not see any more must not come from the old plan either.
      const isStricter = [...bound.denied].some((coordinate) => !current.bound.denied.has(coordinate));
      if (isStricter) replaceBound(current, { ...bound, source: current.bound.source }, holdNext);
      openIncoming(bound, holdNext);
      return "reopened";
    },

    end: endNow,
  };
}

function openSource(bound: BoundSubscription, hold: Hold): Source {
  return { bound, hold, release: hold(), events: bound.source.open(), isPending: false, ending: undefined };
}

function replaceBound(source: Source, bound: BoundSubscription, hold: Hold): void {
  const { release } = source;
  source.bound = bound;
  source.hold = hold;
  source.release = hold();
  release();
}

function leave({ events, release }: Source): void {
  // Nobody waits for what it still has to say.
  Promise.resolve(events.return?.()).catch(() => {});
  release();
}

/** Completed by what its source is bound to when it is, which may be stricter than when it came. */
function toTaken(source: Source, event: SubgraphAnswer): TakenEvent {
  return {
    complete: async () => {
      const release = source.hold();
      return source.bound.completeEvent(event).finally(release);
    },
    done: source.hold(),
  };
}
