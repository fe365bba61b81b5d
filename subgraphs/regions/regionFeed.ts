/**
 * Regions whose status or role has changed, for all who watch in this process. What waits for a slow client is a set of
 * codes, since the newest state of a region is all that anybody wants: it cannot grow.
 */
import type { FailoverView } from "./db/failover.ts";
import { findPrimary } from "./domain/failover/primaryLease.ts";

export type RegionFeed = {
  readonly subscribe: (code: string | undefined) => AsyncIterableIterator<string>;
  /** Called with every look of the guard. */
  readonly observe: (view: FailoverView) => void;
  readonly close: () => void;
};

export function createRegionFeed(): RegionFeed {
  const mailboxes = new Set<Mailbox>();
  let last: ReadonlyMap<string, string> | undefined;
  return {
    subscribe: (code) => {
      const mailbox = createMailbox(code, () => mailboxes.delete(mailbox));
      mailboxes.add(mailbox);
      return mailbox.items;
    },
    observe: (view) => {
      const seen = summarise(view);
      for (const [code, state] of seen)
        if (last !== undefined && last.get(code) !== state) for (const { put } of mailboxes) put(code);
      last = seen;
    },
    close: () => {
      for (const { end } of [...mailboxes]) end();
    },
  };
}

function summarise(view: FailoverView): ReadonlyMap<string, string> {
  const primary = findPrimary({ ...view, regions: view.regions.map(({ code }) => code) });
  return new Map(
    view.regions.map(({ code, status, since, isHeld }) => [
      code,
      JSON.stringify([status, since, isHeld, primary?.region === code]),
    ]),
  );
}

type Mailbox = {
  readonly put: (code: string) => void;
  readonly end: () => void;
  readonly items: AsyncIterableIterator<string>;
};

function createMailbox(wanted: string | undefined, onEnded: () => void): Mailbox {
  const waiting = new Set<string>();
  let isOver = false;
  let wake: (() => void) | undefined;
  const end = (): void => {
    isOver = true;
    onEnded();
    wake?.();
  };
  return {
    put: (code) => {
      if (wanted !== undefined && wanted !== code) return;
      waiting.add(code);
      wake?.();
    },
    end,
    items: {
      next: async () => {
        for (;;) {
          const [code] = waiting;
          if (isOver) return { done: true, value: undefined };
          if (code !== undefined) {
            waiting.delete(code);
            return { done: false, value: code };
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      return: async () => {
        end();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
