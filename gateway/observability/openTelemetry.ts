/** Loaded only when telemetry is on: the providers of spans and metrics, and how they are sent. */
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import type { TelemetryConfig } from "../config.ts";
import { createTracing } from "./createTracing.ts";
import type { Metrics } from "./metrics.ts";
import type { Telemetry } from "./telemetry.ts";

type On = Extract<TelemetryConfig, { kind: "on" }>;

export function openTelemetry(config: On, metrics: Metrics, region: string): Telemetry {
  const { endpoint, headers, serviceName, spanDelayMs, metricIntervalMs } = config;
  const resource = resourceFromAttributes({ "service.name": serviceName, "cloud.region": region });
  const urlOf = (signal: string) => `${endpoint.replace(/\/$/, "")}/v1/${signal}`;
  const spans = new BasicTracerProvider({
    resource,
    sampler: toSampler(config),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: urlOf("traces"), headers }), {
        scheduledDelayMillis: spanDelayMs,
      }),
    ],
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: urlOf("metrics"), headers }),
        exportIntervalMillis: metricIntervalMs,
        exportTimeoutMillis: Math.min(metricIntervalMs, 10_000),
      }),
    ],
  });
  return {
    tracing: createTracing(spans.getTracer("atlas-gateway")),
    metrics: measureToo(metrics, meters),
    close: async () => void (await Promise.allSettled([spans.shutdown(), meters.shutdown()])),
  };
}

/** The durations and errors of the Prometheus metrics, under the names of the semantic conventions. */
function measureToo(metrics: Metrics, meters: MeterProvider): Metrics {
  const meter = meters.getMeter("atlas-gateway");
  const unit = {
    unit: "s",
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
  };
  const served = meter.createHistogram("http.server.request.duration", unit);
  const called = meter.createHistogram("http.client.request.duration", unit);
  const errors = meter.createCounter("atlas.graphql.errors");
  return {
    ...metrics,
    requestAnswered(transport, kind, status, durationMs) {
      metrics.requestAnswered(transport, kind, status, durationMs);
      served.record(durationMs / 1_000, {
        "http.response.status_code": status,
        "graphql.operation.type": kind ?? "none",
        "atlas.transport": transport,
      });
    },
    subgraphCalled(subgraph, outcome, durationMs) {
      metrics.subgraphCalled(subgraph, outcome, durationMs);
      called.record(durationMs / 1_000, {
        "atlas.subgraph": subgraph,
        ...(outcome === "ok" ? {} : { "error.type": outcome }),
      });
    },
    errorsAnswered(codes) {
      metrics.errorsAnswered(codes);
      for (const code of codes) errors.add(1, { "error.type": metrics.labelOf(code) });
    },
  };
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
function toSampler({ sampler, samplerRatio }: On): Sampler {
  const root = sampler.endsWith("always_on")
    ? new AlwaysOnSampler()
    : sampler.endsWith("always_off")
      ? new AlwaysOffSampler()
      : new TraceIdRatioBasedSampler(samplerRatio);
  return sampler.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}
