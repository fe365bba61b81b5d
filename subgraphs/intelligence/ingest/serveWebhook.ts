/**
 * `POST /ingest/v1/webhooks/:code`: signals of a sender that has no token and signs each request instead. The body is read
 * whole and its signature checked before anything in it is looked at; then it goes the way of all signals, as those of the
 * webhook's tenant and source.
 */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { VerifyContext } from "../../shared/verifyContext.ts";
import type { AcceptSignals } from "./acceptSignals.ts";
import {
  type AnswerOptions,
  explain,
  failBusy,
  failIngest,
  type Outcome,
  type RequestFault,
  sendWhole,
  toOutcome,
} from "./answerIngest.ts";
import type { VersionedRecord } from "./cloudEvent.ts";
import type { Pressure } from "./pressure.ts";
import { findForm, type RequestForm, readBody, readRecords } from "./readRecords.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { deriveWebhookKey, findSignatureFault } from "./verifySignature.ts";

export type Webhook = {
  readonly tenant: string;
  readonly sourceCode: string;
  readonly keyVersion: number;
  /** Until when the key before is taken too; null when it is not. */
  readonly oldKeyUntil: Date | null;
};

export type ServeWebhookOptions = AnswerOptions & {
  readonly verifyContext: VerifyContext;
  readonly accept: AcceptSignals;
  readonly pressure: Pressure;
  /** Null for one that is not registered. */
  readonly findWebhook: (code: string) => Promise<Webhook | null>;
  /** Of which the keys of webhooks are derived. */
  readonly masterKey: Buffer;
};

export function serveWebhook(app: FastifyInstance, options: ServeWebhookOptions): void {
  const { verifyContext, pressure, findWebhook, masterKey, accept } = options;
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Signed are the bytes as they came.
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.post<{ Params: { code: string } }>("/ingest/v1/webhooks/:code", async (request, reply) => {
      const isOurs = await verifyContext(headerOf(request, "atlas-context")).then(
        () => true,
        () => false,
      );
      if (!isOurs) {
        return failIngest(reply, [401, "CONTEXT_REFUSED", "expected a request of the gateway"], options);
      }
      const waitSeconds = pressure.refuseSeconds();
      if (waitSeconds !== null) return failBusy(reply, waitSeconds, options);
      const form = findForm(request.headers);
      if (form === null || form === "ndjson") {
        return failIngest(
          reply,
          [415, "UNSUPPORTED_MEDIA_TYPE", "expected application/json or CloudEvents"],
          options,
        );
      }
      const checked = await check(request).catch((error: unknown) => explain(error, options.log));
      if (!("webhook" in checked)) return failIngest(reply, checked, options);
      return sendWhole(reply, store(request, form, checked), options);
    });
  });

  async function check(
    request: FastifyRequest<{ Params: { code: string } }>,
  ): Promise<Checked | RequestFault> {
    const { code } = request.params;
    const webhook = await findWebhook(code);
    let held = 0;
    try {
      const body = await readBody(request.raw, (bytes) => {
        held += bytes;
        pressure.addBytes(bytes);
      });
      const keys = webhook === null ? [] : keysOf(masterKey, code, webhook);
      const header = headerOf(request, "atlas-signature");
      const fault = findSignatureFault(keys, { header, body, now: new Date() });
      if (fault !== null || webhook === null)
        return [401, "SIGNATURE_REFUSED", fault ?? "expected a webhook"];
      return { webhook, body };
    } finally {
      pressure.removeBytes(held);
    }
  }

  async function* store(
    { headers }: FastifyRequest,
    form: RequestForm,
    { webhook, body }: Checked,
  ): AsyncGenerator<readonly Outcome[]> {
    let index = 0;
    for await (const records of readRecords(Readable.from([body]), form, headers)) {
      const results = await accept(
        webhook.tenant,
        records.map((record) => ofSource(record, webhook.sourceCode)),
      );
      yield results.map((result) => toOutcome(index++, result));
    }
  }
}

type Checked = { readonly webhook: Webhook; readonly body: Buffer };

function keysOf(masterKey: Buffer, code: string, { keyVersion, oldKeyUntil }: Webhook): readonly Buffer[] {
  const isOldTaken = oldKeyUntil !== null && oldKeyUntil > new Date();
  return [keyVersion, ...(isOldTaken ? [keyVersion - 1] : [])].map((version) =>
    deriveWebhookKey(masterKey, code, version),
  );
}

/** A webhook speaks for one source: it need not name it, and must name no other. */
function ofSource(record: VersionedRecord | Refusal, code: string): VersionedRecord | Refusal {
  if (record.kind === "refused" || typeof record.record !== "object" || record.record === null) return record;
  const named = "source" in record.record ? record.record.source : code;
  if (named === code) return { ...record, record: { ...record.record, source: code } };
  return refuse(
    "SOURCE_UNKNOWN",
    `expected the webhook's source ${code}, or none; got ${JSON.stringify(named)?.slice(0, 80)}`,
  );
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}
