/** The calls of a compiled run, so that the general executor does not ask again what was asked already. */
import type { SubgraphCall, SubgraphText, SubgraphTransport } from "../../engine.ts";
import { toByteText } from "./shape.ts";

export class SentCalls {
  private readonly answers = new Map<string, Promise<SubgraphText>>();
  /** Operations that were part of a call for several, by their text: if that call failed, so have they. */
  private readonly parts = new Map<string, Promise<SubgraphText>>();

  add(call: SentCall, answer: Promise<SubgraphText>): void {
    this.answers.set(keyOf(call), answer);
  }

  addPart(subgraph: string, query: string, answer: Promise<SubgraphText>): void {
    this.parts.set(`${subgraph} ${query}`, answer);
  }

  replay<Context>(transport: SubgraphTransport<Context>): SubgraphTransport<Context> {
    const request = async (call: SubgraphCall<Context>) => {
      const { subgraph, operationKind, query, operationName, variables } = call;
      const body = toByteText(JSON.stringify({ query, operationName, variables }));
      const known = this.answers.get(keyOf({ subgraph, operationKind, query, body }));
      if (known) return (await known).parse();
      await this.parts.get(`${subgraph} ${query}`);
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
};

/** What changes something is never sent twice, however its variables are written. */
function keyOf({ subgraph, operationKind, query, body }: SentCall): string {
  return `${subgraph} ${operationKind === "mutation" ? query : body}`;
}
