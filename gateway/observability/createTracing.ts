/**
 * Spans with OpenTelemetry's API. They name operations, stages, subgraphs and codes; document texts, variables, headers
 * and callers never become attributes (https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/).
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { SubgraphTextCall } from "../engine/engine.ts";
import { toAppError } from "../errors.ts";
import type { Operation, Session } from "../runOperation.ts";
import type { SubgraphCallContext } from "../stages/subgraphHeaders.ts";
import { whenPartsEnd } from "../whenPartsEnd.ts";
import { toLoggedName } from "./log.ts";
import { parseTraceparent } from "./trace.ts";
import { codeOf, type Tracing } from "./tracing.ts";

/** As much of a call as is told of it. */
type TracedCall = Pick<SubgraphTextCall<SubgraphCallContext>, "subgraph" | "operationKind" | "context">;

export function createTracing(tracer: Tracer): Tracing {
  /** The span below which the work at hand goes. */
  const running = new AsyncLocalStorage<Context>();
  const spanOf = new WeakMap<Operation, Span>();

  function start(name: string, kind: SpanKind, attributes: Attributes, parent: Context): Span {
    return tracer.startSpan(name, { kind, attributes }, parent);
  }

  /** Ends the span with what `work` comes to. */
  async function within<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
    try {
      return await running.run(trace.setSpan(ROOT_CONTEXT, span), work);
    } catch (thrown) {
      fail(span, toAppError(thrown).code);
      throw thrown;
    } finally {
      span.end();
    }
  }

  const traced =
    <Arguments extends unknown[], Result>(name: string, stage: (...all: Arguments) => Promise<Result>) =>
    (...all: Arguments): Promise<Result> => {
      const parent = running.getStore();
      if (!parent) return stage(...all);
      return within(start(name, SpanKind.INTERNAL, {}, parent), () => stage(...all));
    };

  /** A stage that answers at once has no `await` to end it at. */
  const tracedSync =
    <Arguments extends unknown[], Result>(name: string, stage: (...all: Arguments) => Result) =>
    (...all: Arguments): Result => {
      const parent = running.getStore();
      if (!parent) return stage(...all);
      const span = start(name, SpanKind.INTERNAL, {}, parent);
      try {
        return stage(...all);
      } catch (thrown) {
        fail(span, toAppError(thrown).code);
        throw thrown;
      } finally {
        span.end();
      }
    };

  /** What is executed goes below the span that its preparation began, and ends it. */
  function execute<Result>(operation: Operation, work: () => Promise<Result>): Promise<Result> {
    const span = spanOf.get(operation);
    return span ? within(span, work) : work();
  }

  return {
    readTraceparent: (header) => (header !== undefined && parseTraceparent(header) ? header : ""),

    traceRunner: (runner) => ({
      identify: runner.identify,
      async prepare(parameters, session) {
        const span = start("GraphQL Operation", SpanKind.SERVER, {}, parentOf(session));
        try {
          const operation = await running.run(trace.setSpan(ROOT_CONTEXT, span), () =>
            runner.prepare(parameters, session),
          );
          span.setAttributes(attributesOf(operation));
          const code = codeOf(operation);
          if (code !== undefined) fail(span, code);
          if (operation.outcome.kind === "answered") span.end();
          else spanOf.set(operation, span);
          return operation;
        } catch (thrown) {
          fail(span, toAppError(thrown).code);
          span.end();
          throw thrown;
        }
      },
      execute: (operation, session) => execute(operation, () => runner.execute(operation, session)),
      executeText: (operation, session) => execute(operation, () => runner.executeText(operation, session)),
      async executeDeferred(operation, session) {
        const span = spanOf.get(operation);
        if (!span) return runner.executeDeferred(operation, session);
        try {
          // What is fetched later is below this span too: all of it is begun here.
          const answer = await running.run(trace.setSpan(ROOT_CONTEXT, span), () =>
            runner.executeDeferred(operation, session),
          );
          return whenPartsEnd(answer, session.signal, () => span.end());
        } catch (thrown) {
          fail(span, toAppError(thrown).code);
          span.end();
          throw thrown;
        }
      },
      async *subscribe(operation, session) {
        const span = spanOf.get(operation);
        const events = runner.subscribe(operation, session);
        try {
          for (;;) {
            const next = () => events.next();
            const result = await (span ? running.run(trace.setSpan(ROOT_CONTEXT, span), next) : next());
            if (result.done) return;
            yield result.value;
          }
        } finally {
          await events.return();
          span?.end();
        }
      },
    }),

    traceStages: (stages) => ({
      ...stages,
      admission: {
        findDocument: traced("findDocument", stages.admission.findDocument),
        limitRate: {
          countRequest: traced("limitRate", stages.admission.limitRate.countRequest),
          countOperation: traced("limitRate", stages.admission.limitRate.countOperation),
        },
      },
      admitOperation: tracedSync("admitOperation", stages.admitOperation),
      costLimit: { ...stages.costLimit, assess: tracedSync("estimateCost", stages.costLimit.assess) },
      access: {
        ...stages.access,
        authorize: traced("authorizeFields", stages.access.authorize),
        complete: traced("shapeAnswer", stages.access.complete),
      },
      planOperation: traced("planOperation", stages.planOperation),
    }),

    traceCalls: (calls, endpoints) => {
      const attributesFor = new Map([...endpoints].map(([name, url]) => [name, describeEndpoint(name, url)]));
      const tracedCall =
        <Call extends TracedCall, Result>(send: (call: Call) => Promise<Result>) =>
        (call: Call): Promise<Result> => {
          const parent = running.getStore();
          if (!parent) return send(call);
          const attributes = {
            ...attributesFor.get(call.subgraph),
            "graphql.operation.type": call.operationKind,
          };
          const span = start("POST", SpanKind.CLIENT, attributes, parent);
          const context = { ...call.context, traceparent: toTraceparent(span) };
          return within(span, () => send({ ...call, context }));
        };
      return { request: tracedCall(calls.request), requestText: tracedCall(calls.requestText) };
    },
  };
}

function parentOf({ traceparent }: Session): Context {
  const parent = parseTraceparent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

function toTraceparent(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = (traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, "0");
  return `00-${traceId}-${spanId}-${flags}`;
}

/** A name is the client's to choose, so it is an attribute and not the span's name. */
function attributesOf({ kind, name }: Operation): Attributes {
  const operationName = toLoggedName(name);
  return {
    ...(kind === "refused" ? {} : { "graphql.operation.type": kind }),
    ...(operationName === undefined ? {} : { "graphql.operation.name": operationName }),
  };
}

/** Without what a URL may have of secrets: user, query. */
function describeEndpoint(subgraph: string, url: string): Attributes {
  const { hostname, port, protocol, origin, pathname } = new URL(url);
  return {
    "http.request.method": "POST",
    "server.address": hostname,
    "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
    "url.full": `${origin}${pathname}`,
    "atlas.subgraph": subgraph,
  };
}

function fail(span: Span, code: string): void {
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
