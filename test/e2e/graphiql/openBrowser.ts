/** A real browser of a suite's own, and how people use GraphiQL in it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";

export type Browser = AsyncDisposable & {
  readonly page: Page;
  /** URLs that were asked for. */
  readonly asked: readonly string[];
  /** Errors of the page and of its console. */
  readonly complaints: readonly string[];
  /** Replaces what an editor holds; `editor` is a selector of what it is in. */
  readonly type: (editor: string, text: string) => Promise<void>;
  readonly waitFor: (holds: () => boolean | Promise<boolean>) => Promise<void>;
};

/** Many times what it takes, on a machine that does much else. */
const patienceMs = 60_000;

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function openBrowser(executablePath: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "atlas-chromium-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args });
  const page = await context.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return {
    page,
    asked,
    complaints,
    type: async (editor, text) => {
      await page.locator(`${editor} .graphiql-editor:not(.hidden) .monaco-editor`).click();
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.insertText(text);
      // The editor closes brackets that are typed; what it has put after the cursor goes.
      await page.keyboard.press("ControlOrMeta+Shift+End");
      await page.keyboard.press("Delete");
    },
    waitFor: async (holds) => {
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline) {
        if (await holds()) return;
        await page.waitForTimeout(100);
      }
      throw new Error(`Expected to hold within ${patienceMs} ms.`);
    },
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
