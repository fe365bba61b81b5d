/** GraphiQL's plugin: a button in its side bar that opens the panel, and with it the overlay in the editor. */
import type { GraphiQLPlugin } from "@graphiql/react";
import "./policies.css";
import { PolicyPanel } from "./PolicyPanel.tsx";

export function createPolicyPlugin(endpoint: string): GraphiQLPlugin {
  return { title: "Policies", icon: Shield, content: () => <PolicyPanel endpoint={endpoint} /> };
}

function Shield() {
  return (
    <svg
      height="1em"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      aria-hidden="true"
    >
      <path d="M12 3 4.5 6v5.5c0 4.6 3.1 8 7.5 9.5 4.4-1.5 7.5-4.9 7.5-9.5V6L12 3Z" strokeLinejoin="round" />
      <path d="m8.5 12 2.5 2.5 4.5-5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
