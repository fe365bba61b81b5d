/**
 * OpenTelemetry over OTLP/HTTP: traces and metrics for whoever configures where they go (`OTEL_EXPORTER_OTLP_ENDPOINT`).
 * Off, everything here is the identity: nothing is wrapped and none of the packages is loaded.
 */
import type { TelemetryConfig } from "../config.ts";
import type { Metrics } from "./metrics.ts";
import { continueTrace } from "./trace.ts";
import { type Tracing, untraced } from "./tracing.ts";

export type Telemetry = {
  readonly tracing: Tracing;
  /** Told all that the given ones are told. */
  readonly metrics: Metrics;
  /** Sends what has not been sent. Never rejects. */
  readonly close: () => Promise<void>;
};

export async function startTelemetry(
  config: TelemetryConfig,
  metrics: Metrics,
  region: string,
): Promise<Telemetry> {
  if (config.kind === "off") {
    return { tracing: { ...untraced, readTraceparent: continueTrace }, metrics, close: async () => {} };
  }
  const { openTelemetry } = await import("./openTelemetry.ts");
  return openTelemetry(config, metrics, region);
}
