/** GraphiQL's policy panel over a whole region: which rule applies to which field of the operation, for the caller of the headers, and why. */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Locator } from "playwright-core";
import { createDisposer } from "../../support/createDisposer.ts";
import { describeWhere } from "../../support/describeWhere.ts";
import { insertSignals } from "../../support/insertSignals.ts";
import { type Region, startRegion } from "../../support/startRegion.ts";
import { type Browser, openBrowser } from "./openBrowser.ts";

/** Several times what a busy machine takes: browsers and regions are started. */
jest.setTimeout(180_000);

const operation = `query Mixed($first: Int) {
  land: country(code: "DE") { name }
  signals(first: $first) { edges { node { id } } }
  violations { totalCount }
}`;

describeWhere("chromium", "GraphiQL's policy panel", (executablePath) => {
  const disposer = createDisposer();
  let region: Region;
  let browser: Browser;
  let panel: Locator;

  beforeAll(async () => {
    region = disposer.use(await startRegion());
    await insertSignals(region.database, [{ tenant: "panel", marking: "AMBER", residency: "eu" }]);
    browser = disposer.use(await openBrowser(executablePath));
    const query = encodeURIComponent(operation);
    await browser.page.goto(`${region.url.replace("/graphql", "/graphiql")}?query=${query}`);
    await browser.page.locator(".graphiql-query-editor", { hasText: "violations" }).waitFor();
    await browser.page.getByRole("button", { name: "Show Policies" }).click();
    panel = browser.page.getByRole("region", { name: "Policies" });
  });
  afterAll(async () => disposer[Symbol.asyncDispose]());

  const status = () => panel.getByRole("status").innerText();
  const entry = (place: string) =>
    panel.locator("li", { has: browser.page.getByRole("button", { name: place }) });
  /** The text of the editor with what the overlay has put beside it. */
  const editor = async () =>
    (await browser.page.locator(".graphiql-query-editor .view-lines").innerText()).replaceAll("\u00a0", " ");

  test("shows an anonymous caller what is denied, by which rule and why", async () => {
    await browser.waitFor(async () => / denied\./.test(await status()));
    expect(await panel.innerText()).toContain("anonymous");
    const violations = await entry("violations").first().innerText();
    expect(violations).toContain("denied");
    expect(violations).toMatch(/Query\.violations Denied by access\.anonymous \(NOT_GRANTED_TO_ANONYMOUS\)/);
    expect(violations).toContain('@policy(policies: [["compliance"]])');
    expect(await entry("land").first().innerText()).toContain("allowed");
    expect(await editor()).toMatch(/violations\s+✕ access\.anonymous/);
  });

  test("follows the headers' caller, whose rows a condition filters", async () => {
    const token = await region.issuer.tokenFor({ tenant: "panel", clearance: "amber", purpose: null });
    await browser.type('[aria-label="Headers"]', `{"authorization": "Bearer ${token}"}`);
    await browser.waitFor(async () => (await panel.innerText()).includes("clearance amber"));
    expect(await entry("violations").first().innerText()).toContain("Denied by access.labels");
    expect(await entry("signals.edges.node").first().innerText()).toContain("some rows");
    expect(await panel.innerText()).toContain("Rows of Signal are decided by");
    expect(await editor()).toMatch(/node\s+◐ access\.clearance/);
    await panel.getByText("The condition").first().click();
    expect(await panel.locator("pre").first().innerText()).toContain('"AMBER"');
  });

  test("follows the text: what is gone is decided about no more", async () => {
    await browser.type(".graphiql-query-editor", '{ country(code: "DE") { name } }');
    await browser.waitFor(async () => (await status()).startsWith("All "));
    expect(await editor()).not.toContain("✕");
    await browser.type(".graphiql-query-editor", "{ country(");
    await browser.waitFor(async () => (await status()).includes("Syntax Error"));
    await browser.type(".graphiql-query-editor", operation);
    await browser.waitFor(async () => / denied\./.test(await status()));
  });

  test("loads rows when it is asked to, and says what becomes of each", async () => {
    await browser.type('[aria-label="Headers"]', await headersOf({ purpose: "research" }));
    await panel.getByLabel("rows (runs the query)").check();
    await browser.waitFor(async () => (await panel.innerText()).includes("signals.edges.0.node"));
    const rows = panel.locator("ul").last();
    expect(await rows.innerText()).toMatch(/(allowed|masked) signals\.edges\.0\.node Signal/);
    await panel.getByLabel("rows (runs the query)").uncheck();
  });

  test("says what is wrong with a token", async () => {
    await browser.type('[aria-label="Headers"]', '{"authorization": "Bearer nothing"}');
    await browser.waitFor(async () => /token/i.test(await status()));
    await browser.type('[aria-label="Headers"]', await headersOf({}));
    await browser.waitFor(async () => / denied\./.test(await status()));
  });

  test("is used by the keyboard: a field's button leads to the field", async () => {
    await entry("violations").getByRole("button").first().focus();
    await browser.page.keyboard.press("Enter");
    await browser.waitFor(async () =>
      browser.page.locator(".graphiql-query-editor .monaco-editor.focused").isVisible(),
    );
    // The editor draws what is selected, and what is left, a moment later.
    await browser.waitFor(async () =>
      browser.page.locator(".graphiql-query-editor .selected-text").first().isVisible(),
    );
    await browser.page.keyboard.press("Delete");
    await browser.waitFor(async () => !(await editor()).includes("violations"));
  });

  test.each(["light", "dark"] as const)("can be read on GraphiQL's background, %s", async (colorScheme) => {
    await browser.page.emulateMedia({ colorScheme });
    // The editor looks for the system's colours once.
    await browser.page.reload();
    await browser.waitFor(async () => / denied\./.test(await status()));
    for (const text of [".policy-badge-denied", ".policy-badge-allowed", ".policy-note-denied"]) {
      await browser.page.locator(text).first().waitFor();
      expect(await contrastOf(browser, text)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("is gone from the editor when it is closed", async () => {
    await browser.page.getByRole("button", { name: "Hide Policies" }).click();
    await browser.waitFor(async () => !(await editor()).includes("access."));
    expect(
      browser.asked
        .filter((url) => !/^(data|blob):/.test(url))
        .every((url) => url.startsWith(region.url.replace("/graphql", ""))),
    ).toBe(true);
  });

  async function headersOf(claims: { readonly purpose?: string }): Promise<string> {
    return `{"authorization": "Bearer ${await region.issuer.tokenFor({ tenant: "panel", clearance: "amber", ...claims })}"}`;
  }
});

/** Contrast of the text of the first element of a selector with what is behind it (WCAG 2.2, "contrast ratio"). */
async function contrastOf({ page }: Browser, selector: string): Promise<number> {
  // An expression for the page, which has another library than Node.
  const [color, background] = await page.evaluate<[string, string]>(`(() => {
    const text = document.querySelector(${JSON.stringify(selector)});
    let behind = text;
    while (behind && !getComputedStyle(behind).backgroundColor.startsWith("rgb(")) behind = behind.parentElement;
    return [getComputedStyle(text).color, behind && getComputedStyle(behind).backgroundColor];
  })()`);
  const [light = 0, dark = 0] = [luminanceOf(color), luminanceOf(background)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Of an opaque color as browsers compute it, such as `rgb(163, 21, 21)`. */
function luminanceOf(color: string): number {
  const channels = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color)?.slice(1);
  if (!channels) throw new Error(`expected an opaque color, got ${color}`);
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = Number(channel) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
