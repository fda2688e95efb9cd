import { readFileSync, statSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import type { ApiConfig } from './api.config.js';

/** Placeholder in pages for the path under which clients reach the server. */
const BASE_PATH = /%BASE_PATH%/g;

/** First steps of the console's paths. Its own routes are below them; anything else that is unknown is answered 404. */
export const CONSOLE_PATHS = [
  'account',
  'alerts',
  'audit',
  'deliveries',
  'events',
  'feeds',
  'filings',
  'instruments',
  'portfolios',
  'rules',
  'system',
  'users',
  'webhooks',
];

const CONSOLE_URL = new RegExp(`^/(?:(?:${CONSOLE_PATHS.join('|')})(?:/[^?]*)?)?(?:\\?.*)?$`);

const NOT_BUILT =
  '<!doctype html><html lang="en"><title>Deskwire</title><p>The console is not built. Run: npm run build -w @deskwire/console</p>';

export interface DeskPages {
  /** The HTML of the page at a path; '' for the API documentation, whose pages are made elsewhere; undefined for what is no page. */
  htmlAt(url: string): string | undefined;
  /** As it was built last, also when that was after the start: an older page names files that are gone. */
  readonly console: string;
  /** One file without a build: what to look at when the console fails. */
  plain: string;
}

/**
 * The console, the plain page and the pages of the API documentation.
 * @param folder of the built console
 */
export function pagesOf({ publicUrl }: Pick<ApiConfig, 'publicUrl'>, folder = consoleFolder()): DeskPages {
  const basePath = basePathOf(publicUrl);
  const read = (path: string) => readFileSync(path, 'utf8').replace(BASE_PATH, () => basePath);
  const plain = read(packageFile('apps/console/plain.html'));
  const built = join(folder, 'index.html');
  let held = { version: '', html: NOT_BUILT };
  const consolePage = () => {
    const file = statSync(built, { throwIfNoEntry: false });
    const version = file && `${file.mtimeMs} ${file.size} ${file.ino}`;
    // While a build replaces the file, the page before it stays.
    if (version === undefined || version === held.version) return held.html;
    // The build names its files relative to the page, and the page is served at many paths.
    held = { version, html: read(built).replaceAll('="./assets/', `="${basePath}/assets/`) };
    return held.html;
  };
  return {
    get console() {
      return consolePage();
    },
    plain,
    htmlAt: (url) => {
      if (url === '/plain' || url.startsWith('/plain?')) return plain;
      if (url.startsWith('/docs')) return '';
      return CONSOLE_URL.test(url) ? consolePage() : undefined;
    },
  };
}

/** The folder of the built console. */
export function consoleFolder(): string {
  return packageFile('dist/apps/console');
}

/** A file of the package by its path from the package's root, the same from TypeScript and from dist/. */
function packageFile(path: string): string {
  return join(dirname(findPackageJSON(import.meta.url)!), path);
}

/** The path of a public address, without a slash at its end: `/desk` of `https://host/desk/`, nothing of `https://host`. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}
