/** Packs an answer for a client that asked for it, off the event loop. Small ones stay as they are: they fit one packet anyway. */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { HttpAnswer } from "./graphqlOverHttp.ts";

const [toGzip, toBrotli] = [promisify(gzip), promisify(brotliCompress)];

/** What each level costs and saves is measured in docs/decisions/0012-admission.md. */
const gzipLevel = 1;
const brotliQuality = 4;

export type PackedAnswer = { readonly encoding: "br" | "gzip"; readonly body: Buffer };

/** Undefined when the answer goes out as it is. `bytesMin` of 0 is off. */
export async function compressAnswer(
  answer: HttpAnswer["body"],
  acceptEncoding: string | undefined,
  bytesMin: number,
): Promise<PackedAnswer | undefined> {
  if (typeof answer !== "string" && !("byteText" in answer)) return undefined;
  const text = typeof answer === "string" ? answer : answer.byteText;
  // A character is at least a byte; that is exact enough and needs no second look at the text.
  if (bytesMin === 0 || text.length < bytesMin) return undefined;
  const encoding = chooseEncoding(acceptEncoding);
  if (encoding === undefined) return undefined;
  const body = Buffer.from(text, typeof answer === "string" ? "utf8" : "latin1");
  if (encoding === "gzip") return { encoding, body: await toGzip(body, { level: gzipLevel }) };
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
  };
  return { encoding, body: await toBrotli(body, { params }) };
}

/** RFC 9110 §12.5.3; a weight of 0 refuses. */
function chooseEncoding(accepted: string | undefined): PackedAnswer["encoding"] | undefined {
  if (accepted === undefined) return undefined;
  const weights = new Map(
    accepted.split(",").map((item) => {
      const [name = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
      return [name, weight === undefined ? 1 : Number(weight)] as const;
    }),
  );
  const [br, gz] = [weights.get("br") ?? 0, weights.get("gzip") ?? weights.get("*") ?? 0];
  if (br > 0 && br >= gz) return "br";
  return gz > 0 ? "gzip" : undefined;
}
