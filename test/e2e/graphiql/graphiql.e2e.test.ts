/** GraphiQL as the gateway serves it, in a real browser that may talk to nobody else. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { createDisposer } from "../../support/createDisposer.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describeWhere("chromium", "GraphiQL", (executablePath) => {
  const disposer = createDisposer();
  let shop: Bookshop;
  let gateway: TestGateway;
  let token: string;
  let profile: string;
  let browser: BrowserContext;
  let page: Page;
  const asked: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    shop = disposer.use(await startBookshop());
    const issuer = disposer.use(await startTestIssuer());
    token = await issuer.tokenFor();
    gateway = disposer.use(
      await startGateway(shop.sdl, {
        ATLAS_PROFILE: "local",
        ATLAS_CONTEXT_SECRET: Buffer.alloc(32, 1).toString("base64url"),
        ATLAS_ISSUER: issuer.identity.issuer,
        ATLAS_AUDIENCE: issuer.identity.audience,
        ATLAS_JWKS_URL: issuer.identity.jwksUrl,
      }),
    );
    profile = await mkdtemp(join(tmpdir(), "atlas-chromium-"));
    browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
    page = await browser.newPage();
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await disposer[Symbol.asyncDispose]();
    await rm(profile, { recursive: true, force: true });
  });

  test("runs a query that is in its URL and shows the answer", async () => {
    const query = encodeURIComponent("{ book(isbn: 1) { title stars } }");
    await page.goto(`${gateway.url}/graphiql?query=${query}`);
    await page.locator(".graphiql-query-editor", { hasText: "isbn" }).waitFor();
    await page.locator(".graphiql-execute-button").click();
    await expectResponse(/"title": "Dune",\s+"stars": 5/);
  });

  test("sends the headers editor's token with queries and with the connection of a subscription", async () => {
    await type(".graphiql-query-editor", "subscription { bookAdded { title stars } }");
    await type('[aria-label="Headers"]', `{"authorization": "Bearer ${token}"}`);
    await page.locator(".graphiql-execute-button").click();
    await waitFor(() => shop.subscribers() === 1);
    expect(subjectOf(shop.seen.extensions.at(-1))).toBe("test-analyst");
    shop.addBook("Persuasion");
    await expectResponse(/"title": "Persuasion",\s+"stars": 5/);
    await page.locator(".graphiql-execute-button").click();
    await waitFor(() => shop.subscribers() === 0);
  });

  test("asked nobody but the gateway, and nothing was refused", () => {
    const foreign = asked.filter((url) => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url));
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  });

  async function type(editor: string, text: string): Promise<void> {
    await page.locator(`${editor} .graphiql-editor:not(.hidden) .monaco-editor`).click();
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.insertText(text);
    // The editor closes brackets that are typed; what it has put after the cursor goes.
    await page.keyboard.press("ControlOrMeta+Shift+End");
    await page.keyboard.press("Delete");
  }

  async function expectResponse(expected: RegExp): Promise<void> {
    // Monaco writes spaces that do not break.
    const read = async () => (await page.locator(".result-window").innerText()).replaceAll("\u00a0", " ");
    await waitFor(async () => expected.test(await read())).catch(async () =>
      expect(await read()).toMatch(expected),
    );
  }

  async function waitFor(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 150; attempt += 1) {
      if (await holds()) return;
      await page.waitForTimeout(100);
    }
    throw new Error("Expected to hold within 15 s.");
  }
});

/** Who the subgraph was told is asking. */
function subjectOf(extensions: unknown): unknown {
  const context = String(Reflect.get(Object(extensions), "atlas-context"));
  return JSON.parse(Buffer.from(context.split(".")[1] ?? "", "base64url").toString()).sub;
}
