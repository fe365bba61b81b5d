/** What is printed when a region is ready. Everything in it is read from where the parts really listen. */
import type { Endpoints } from "./endpoints.ts";

export function announce({ graphql, graphiql }: Endpoints, startMs: number): void {
  const sandbox = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(graphql)}`;
  const query = JSON.stringify({ query: "{ countries(first: 3) { edges { node { code name } } } }" });
  console.log(`
ready ${graphql}

  GraphiQL  ${graphiql}
  Sandbox   ${sandbox}
  Token     npm run -s token -- analyst
  Try       curl -s ${graphql} -H 'content-type: application/json' -d '${query}'
  Logs      .atlas/logs
  Stop      Ctrl-C

Up after ${(startMs / 1_000).toFixed(1)} s.`);
}
