import type { SubgraphTransport } from "../engine.ts";
import { fromByteText } from "../execution/compiled/shape.ts";

/** Lets a transport that answers values answer texts too, as an HTTP client gets them. */
export function withText(
  { request, ...rest }: SubgraphTransport<undefined>,
  print: (answer: unknown) => string = JSON.stringify,
): SubgraphTransport<undefined> {
  return {
    ...rest,
    request,
    requestText: async ({ body, ...call }) => {
      const { query, operationName, variables } = JSON.parse(fromByteText(body));
      const answer = await request({ ...call, query, operationName, variables });
      return { bytes: Buffer.from(print(answer) ?? ""), isPlain: true, parse: () => answer };
    },
  };
}
