/** Sends batches of a chain to the subgraph that keeps the record, signed for it as every call of the gateway is. */
import { createHash, createHmac } from "node:crypto";
import { request } from "undici";
import type { DecisionBatch } from "../../policies/runtime/decisionChain.ts";

/** Resolves when the batch is durable. A batch may be sent again; it is kept once. */
export type SendDecisions = (batch: DecisionBatch) => Promise<void>;

type Options = {
  readonly url: string;
  /** The receiving subgraph's own. */
  readonly contextKey: Uint8Array;
  readonly timeoutMs?: number;
};

const lifetimeS = 60;
const header = encode({ alg: "HS256", typ: "atlas-decisions+jwt" });

export function createSendDecisions({ url, contextKey, timeoutMs = 10_000 }: Options): SendDecisions {
  return async (batch) => {
    const body = JSON.stringify(batch);
    const response = await request(url, {
      method: "POST",
      headers: { "content-type": "application/json", "atlas-decisions": sign(body, contextKey) },
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body.dump();
    if (response.statusCode !== 202)
      throw new Error(`expected status 202 of the decision record, came ${response.statusCode}`);
  };
}

function sign(body: string, key: Uint8Array): string {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const content = `${header}.${encode({
    iss: "atlas-gateway",
    iat: issuedAt,
    exp: issuedAt + lifetimeS,
    sha256: createHash("sha256").update(body).digest("hex"),
  })}`;
  return `${content}.${createHmac("sha256", key).update(content).digest("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
