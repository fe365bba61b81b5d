/** One HTTP exchange: a POST and its whole answer, unpacked, or the reason why there is none. */
import type { CallScope } from "./callScope.ts";
import { decodeBody } from "./decodeBody.ts";
import type { ExchangeError } from "./exchangeError.ts";
import type { HttpClient, HttpEvents, HttpLimits, HttpRequest, ReceivedAnswer } from "./httpClient.ts";

export type HttpAnswer = Omit<ReceivedAnswer, "contentEncoding">;

/** Ends early through `scope`, or through `stop` when another exchange was faster. Rejects with an ExchangeError or a CallEnded. */
export function exchange(
  client: HttpClient,
  request: HttpRequest,
  limits: HttpLimits,
  scope: CallScope,
  onStarted?: (stop: (reason: Error) => void) => void,
): Promise<HttpAnswer> {
  if (scope.reason) return Promise.reject(scope.reason);
  return new Promise((resolve, reject) => {
    const running = new RunningExchange(limits, scope, resolve, reject);
    running.start(client, request);
    onStarted?.((reason) => running.end(reason));
  });
}

/** A class, because there is one for each request and closures would be most of its memory. */
class RunningExchange implements HttpEvents {
  private readonly limits: HttpLimits;
  private readonly scope: CallScope;
  private readonly resolve: (answer: HttpAnswer | Promise<HttpAnswer>) => void;
  private readonly reject: (reason: Error) => void;
  private hangUp: ((reason: Error) => void) | undefined;

  constructor(
    limits: HttpLimits,
    scope: CallScope,
    resolve: (answer: HttpAnswer | Promise<HttpAnswer>) => void,
    reject: (reason: Error) => void,
  ) {
    this.limits = limits;
    this.scope = scope;
    this.resolve = resolve;
    this.reject = reject;
  }

  start(client: HttpClient, request: HttpRequest): void {
    this.scope.add(this);
    this.hangUp = client.post(request, this.limits, this);
  }

  end(reason: Error): void {
    this.scope.remove(this);
    this.reject(reason);
    this.hangUp?.(reason);
  }

  onAnswer(answer: ReceivedAnswer): void {
    this.scope.remove(this);
    const { contentEncoding } = answer;
    if (contentEncoding === undefined) this.resolve(answer);
    else
      this.resolve(
        decodeBody(answer.bytes, contentEncoding, this.limits.answerBytesMax).then((bytes) => ({
          ...answer,
          bytes,
        })),
      );
  }

  onFailure(error: ExchangeError): void {
    this.scope.remove(this);
    this.reject(error);
  }
}
