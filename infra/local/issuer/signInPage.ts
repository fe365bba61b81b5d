/** The page on which somebody says who they are. Plain HTML: it loads nothing and works without scripts. */
import { type DemoUser, demoUsers } from "./demoUsers.ts";

/** Scripts, frames and anything from elsewhere are off. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

export function renderSignInPage(clientId: string): string {
  const buttons = Object.entries(demoUsers).map(([name, user]) => renderButton(name, user));
  return renderPage(
    "Sign in",
    `<p><b>${escapeHtml(clientId)}</b> asks who you are. These are the demo users of this machine; they have no passwords.</p>
     <form method="post">${buttons.join("")}</form>`,
  );
}

export function renderNotice(title: string, text: string): string {
  return renderPage(title, `<p>${escapeHtml(text)}</p>`);
}

function renderButton(name: string, { description, claims }: DemoUser): string {
  const facts = `${name} · ${claims.tenant} · ${claims.region} · TLP:${claims.clearance.toUpperCase()}`;
  return `<button name="user" value="${escapeHtml(name)}">${escapeHtml(description)}<small>${escapeHtml(facts)}</small></button>`;
}

function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Atlas, local</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 26rem; margin: 12vh auto; padding: 0 1rem; }
  button { display: block; width: 100%; margin: .5rem 0; padding: .75rem 1rem; font: inherit; text-align: left; cursor: pointer; }
  small { display: block; opacity: .7; }
</style>
<main><h1>${escapeHtml(title)}</h1>${body}</main>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
