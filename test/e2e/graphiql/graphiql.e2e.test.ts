/** GraphiQL as the gateway serves it, in a real browser that may talk to nobody else. */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { createDisposer } from "../../support/createDisposer.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { type Bookshop, startBookshop } from "../../support/startBookshop.ts";
import { startGateway, type TestGateway } from "../../support/startGateway.ts";
import { startTestIssuer } from "../../support/startTestIssuer.ts";
import { type Browser, openBrowser } from "./openBrowser.ts";

/** Several times what a busy machine takes. */
jest.setTimeout(180_000);

describeWhere("chromium", "GraphiQL", (executablePath) => {
  const disposer = createDisposer();
  let shop: Bookshop;
  let gateway: TestGateway;
  let token: string;
  let browser: Browser;

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
    browser = disposer.use(await openBrowser(executablePath));
  });
  afterAll(async () => disposer[Symbol.asyncDispose]());

  test("runs a query that is in its URL and shows the answer", async () => {
    const query = encodeURIComponent("{ book(isbn: 1) { title stars } }");
    await browser.page.goto(`${gateway.url}/graphiql?query=${query}`);
    await browser.page.locator(".graphiql-query-editor", { hasText: "isbn" }).waitFor();
    await browser.page.locator(".graphiql-execute-button").click();
    await expectResponse(/"title": "Dune",\s+"stars": 5/);
  });

  test("sends the headers editor's token with queries and with the connection of a subscription", async () => {
    await browser.type(".graphiql-query-editor", "subscription { bookAdded { title stars } }");
    await browser.type('[aria-label="Headers"]', `{"authorization": "Bearer ${token}"}`);
    await browser.page.locator(".graphiql-execute-button").click();
    await browser.waitFor(() => shop.subscribers() === 1);
    expect(subjectOf(shop.seen.extensions.at(-1))).toBe("test-analyst");
    shop.addBook("Persuasion");
    await expectResponse(/"title": "Persuasion",\s+"stars": 5/);
    await browser.page.locator(".graphiql-execute-button").click();
    await browser.waitFor(() => shop.subscribers() === 0);
  });

  test("asked nobody but the gateway, and nothing was refused", () => {
    const foreign = browser.asked.filter((url) => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url));
    expect(foreign).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });

  async function expectResponse(expected: RegExp): Promise<void> {
    // Monaco writes spaces that do not break.
    const read = async () =>
      (await browser.page.locator(".result-window").innerText()).replaceAll("\u00a0", " ");
    await browser
      .waitFor(async () => expected.test(await read()))
      .catch(async () => expect(await read()).toMatch(expected));
  }
});

/** Who the subgraph was told is asking. */
function subjectOf(extensions: unknown): unknown {
  const context = String(Reflect.get(Object(extensions), "atlas-context"));
  return JSON.parse(Buffer.from(context.split(".")[1] ?? "", "base64url").toString()).sub;
}
