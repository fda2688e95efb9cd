import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { chromiumMissing, launchChromium, pageOf } from '../setup/chromium.js';

/** Why the console cannot be looked at here; undefined if it can. */
export const consoleMissing =
  chromiumMissing ??
  (existsSync('dist/apps/console/index.html') ? undefined : 'the console is not built: npm run build');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The console in Chromium, with whatever its pages complain about, and each request to another host. */
export class ConsoleBrowser {
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly url: string,
  ) {}

  static async open({ url }: { url: string }): Promise<ConsoleBrowser> {
    return new ConsoleBrowser(await launchChromium(), url);
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** A window of its own in which this person is signed in, at the path. */
  async signedIn({ email, password }: { email: string; password: string }, path: string): Promise<Page> {
    const page = await pageOf(this.browser, {
      viewport: { width: 1_440, height: 900 },
      timezoneId: 'Asia/Kolkata',
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (/^(http|ws)/.test(protocol) && host !== new URL(this.url).host)
        this.complaints.push(`a request to another host: ${request.url()}`);
    });
    await page.goto(new URL(path, this.url).href);
    await page.fill('input[name=email]', email);
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Pages', exact: true }).waitFor();
    return page;
  }

  go(page: Page, path: string): Promise<unknown> {
    return page.goto(new URL(path, this.url).href);
  }
}

/** What axe finds on the page as it is shown, in this theme. */
export async function axeFindings(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  // As a function of the page and not as a script element, which the content security policy refuses.
  await page.evaluate(AXE);
  const found = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ': ' + failureSummary)))`,
  );
  return found as string[];
}

/** Drops a file on the area that takes files. */
export async function dropFile(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    `(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}));
      return data;
    })()`,
  );
  await page.locator('.file-drop').dispatchEvent('drop', { dataTransfer: transfer });
}
