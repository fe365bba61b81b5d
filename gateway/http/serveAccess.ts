/**
 * `/access/explain` and `/access/shadow`: for the compliance subgraph, which answers people's questions about access, and
 * for nobody else.
 */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { jwtVerify } from "jose";
import type { ExplainAccess } from "../explain/explainAccess.ts";
import { explainRequestSchema } from "../explain/explainRequest.ts";
import type { ShadowStatus } from "../policies/shadow/followShadow.ts";

type Options = {
  readonly explain: ExplainAccess;
  /** Undefined when nothing is configured as a shadow. */
  readonly shadow: (() => ShadowStatus) | undefined;
  /** Of the compliance subgraph. */
  readonly contextKey: Uint8Array;
};

export function serveAccess(app: FastifyInstance, { explain, shadow, contextKey }: Options): void {
  app.register(async (scope) => {
    scope.addHook("preHandler", async (request, reply) => {
      if (!(await isSigned(request.headers["atlas-access-request"], textOf(request.body), contextKey)))
        return reply
          .code(401)
          .send({ kind: "refused", message: "expected a request of the compliance subgraph" });
      reply.header("cache-control", "no-store");
      return undefined;
    });

    scope.post("/access/explain", async (request, reply) => {
      const parsed = explainRequestSchema.safeParse(JSON.parse(textOf(request.body)));
      if (parsed.success) return explain(parsed.data);
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      return reply
        .code(400)
        .send({ kind: "refused", message: `expected facts of a caller; not valid: ${faults.join(", ")}` });
    });

    scope.post("/access/shadow", () => ({ shadow: shadow?.() ?? null }));
  });
}

/** The app reads every body as bytes; a request without one has none. */
function textOf(body: unknown): string {
  return Buffer.isBuffer(body) ? body.toString() : "";
}

async function isSigned(signature: unknown, text: string, key: Uint8Array): Promise<boolean> {
  if (typeof signature !== "string") return false;
  try {
    const { payload } = await jwtVerify(signature, key, {
      algorithms: ["HS256"],
      typ: "atlas-access+jwt",
      issuer: "compliance",
      audience: "atlas-gateway",
      clockTolerance: 5,
      requiredClaims: ["exp"],
    });
    return payload.sha256 === createHash("sha256").update(text).digest("hex");
  } catch {
    return false;
  }
}
