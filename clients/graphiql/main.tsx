/**
 * GraphiQL for the gateway that serves this page: no other host is asked for anything, editor workers included.
 * A token goes into the headers editor and reaches subscriptions as the payload of their connection.
 */
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import { createPolicyPlugin } from "./policies/policyPlugin.tsx";

const endpoint = new URL("/graphql", window.location.href);
const sockets = new URL(endpoint);
sockets.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({ url: endpoint.href, subscriptionUrl: sockets.href });

// Given plugins replace the default ones.
const plugins = [HISTORY_PLUGIN, createPolicyPlugin(endpoint.href)];

const firstQuery = `# One graph from all subgraphs. Press Ctrl-Enter to run.
#
# A token goes into the Headers tab below:
#   { "authorization": "Bearer <token>" }
# and \`npm run -s token -- analyst\` prints one in the local profile.
#
# The shield on the left shows which field each policy applies to, and why.

query FirstLook {
  __typename
}
`;

// A link may bring an operation; it is shown, never run by itself, and headers never come from a link.
const shared = new URLSearchParams(window.location.search);

const place = document.getElementById("graphiql");
if (!place) throw new Error("The page has no element with the id graphiql.");
createRoot(place).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    defaultQuery={firstQuery}
    defaultEditorToolsVisibility="headers"
    {...(shared.has("query") ? { initialQuery: shared.get("query") ?? "" } : {})}
    {...(shared.has("variables") ? { initialVariables: shared.get("variables") ?? "" } : {})}
  />,
);
