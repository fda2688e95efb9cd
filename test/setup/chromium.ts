import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const PATH = process.env['CHROMIUM_PATH'] ?? PLACES.find((path) => existsSync(path));
/** Only guards against hanging. Playwright's own limit of 30 s is too short for a busy machine. */
const LIMIT_MS = 120_000;

/** Why nothing can be seen in a browser here; undefined if it can. */
export const chromiumMissing =
  PATH !== undefined && existsSync(PATH) ? undefined : `no Chromium at CHROMIUM_PATH, ${PLACES.join(' or ')}`;

/** @param more arguments beside those that a container needs */
export function launchChromium(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: ['--no-sandbox', '--disable-gpu', ...more],
    timeout: LIMIT_MS,
  });
}

/** Pages with cookies and storage of their own. */
export async function contextOf(browser: Browser, options?: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(LIMIT_MS);
  return context;
}

/** A page in a context of its own. */
export async function pageOf(browser: Browser, options?: BrowserContextOptions): Promise<Page> {
  return (await contextOf(browser, options)).newPage();
}
