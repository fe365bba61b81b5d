/** The calls of a compiled run, so that the general executor does not ask again what was asked already. */
import type { SubgraphCall, SubgraphText, SubgraphTransport } from "../../engine.ts";
import { toByteText } from "./shape.ts";

export class SentCalls {
  /** A list, because most runs never look anything up. */
  private readonly calls: { readonly call: SentCall; readonly answer: Promise<SubgraphText> }[] = [];

  add(call: SentCall, answer: Promise<SubgraphText>): void {
    this.calls.push({ call, answer });
  }

  replay<Context>(transport: SubgraphTransport<Context>): SubgraphTransport<Context> {
    const answers = new Map(this.calls.map(({ call, answer }) => [keyOf(call), answer]));
    const parts = new Map(
      this.calls.flatMap(({ call: { subgraph, parts }, answer }) =>
        parts.map((query) => [`${subgraph} ${query}`, answer] as const),
      ),
    );
    const request = async (call: SubgraphCall<Context>) => {
      const { subgraph, operationKind, query, operationName, variables } = call;
      const body = toByteText(JSON.stringify({ query, operationName, variables }));
      const known = answers.get(keyOf({ subgraph, operationKind, query, body }));
      if (known) return (await known).parse();
      // If the call that it was part of failed, so has it; otherwise its part of that answer is not to be had alone.
      await parts.get(`${subgraph} ${query}`);
      return transport.request(call);
    };
    return { ...transport, request };
  }
}

export type SentCall = {
  readonly subgraph: string;
  readonly operationKind: SubgraphCall<unknown>["operationKind"];
  readonly query: string;
  readonly body: string;
  /** The plan's own operations that it was made of, where it was made of several. */
  readonly parts: readonly string[];
};

/** What changes something is never sent twice, however its variables are written. */
function keyOf({ subgraph, operationKind, query, body }: Omit<SentCall, "parts">): string {
  return `${subgraph} ${operationKind === "mutation" ? query : body}`;
}
