/** Sends a second request when the first is slow, takes whichever answers well first, and drops the other. */
import type { HttpAnswer } from "./exchange.ts";

type Send = (onStarted: (stop: (reason: Error) => void) => void) => Promise<HttpAnswer>;

type Options = {
  readonly isGood: (answer: HttpAnswer) => boolean;
  /** Undefined: not yet known, so there is no second request. */
  readonly afterMs: number | undefined;
  /** Asked when the time has come. */
  readonly mayHedge: () => boolean;
  readonly onHedged: () => void;
};

export function hedge(send: Send, { isGood, afterMs, mayHedge, onHedged }: Options): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const stops: ((reason: Error) => void)[] = [];
    let running = 0;
    let isOver = false;

    function finish(settle: () => void): void {
      isOver = true;
      clearTimeout(timer);
      settle();
      // The one that has answered takes no notice.
      for (const stop of stops) stop(new Error("another request was answered first"));
    }

    function start(): void {
      running += 1;
      send((stop) => stops.push(stop)).then(
        (answer) => {
          running -= 1;
          if (!isOver && (isGood(answer) || running === 0)) finish(() => resolve(answer));
        },
        (thrown: unknown) => {
          running -= 1;
          if (!isOver && running === 0) finish(() => reject(thrown));
        },
      );
    }

    const timer =
      afterMs === undefined
        ? undefined
        : setTimeout(() => {
            if (isOver || !mayHedge()) return;
            onHedged();
            start();
          }, afterMs);
    start();
  });
}
