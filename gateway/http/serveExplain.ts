/** `/access/explain`: for the compliance subgraph, which answers people's questions about access, and for nobody else. */
import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { jwtVerify } from "jose";
import type { ExplainAccess } from "../explain/explainAccess.ts";
import { explainRequestSchema } from "../explain/explainRequest.ts";

type Options = {
  readonly explain: ExplainAccess;
  /** Of the compliance subgraph. */
  readonly contextKey: Uint8Array;
};

export function serveExplain(app: FastifyInstance, { explain, contextKey }: Options): void {
  app.post("/access/explain", async (request, reply) => {
    // The app reads every body as bytes; a request without one has none.
    const text = Buffer.isBuffer(request.body) ? request.body.toString() : "";
    if (!(await isSigned(request.headers["atlas-explain-request"], text, contextKey)))
      return reply
        .code(401)
        .send({ kind: "refused", message: "expected a request of the compliance subgraph" });
    const parsed = explainRequestSchema.safeParse(JSON.parse(text));
    if (!parsed.success) {
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      return reply
        .code(400)
        .send({ kind: "refused", message: `expected facts of a caller; not valid: ${faults.join(", ")}` });
    }
    return reply.header("cache-control", "no-store").send(await explain(parsed.data));
  });
}

async function isSigned(signature: unknown, text: string, key: Uint8Array): Promise<boolean> {
  if (typeof signature !== "string") return false;
  try {
    const { payload } = await jwtVerify(signature, key, {
      algorithms: ["HS256"],
      typ: "atlas-explain+jwt",
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
