import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApiConfig } from './api.config.js';

/** Placeholder in the live page for the path under which clients reach the server. */
const BASE_PATH = /%BASE_PATH%/g;

/** The live page and the pages of the API documentation. */
export function pagesOf({ publicUrl }: Pick<ApiConfig, 'publicUrl'>): { isPage(url: string): boolean; html: string } {
  const html = readFileSync(packageFile('apps/console/index.html'), 'utf8');
  return {
    isPage: (url) => url === '/' || url.startsWith('/?') || url.startsWith('/docs'),
    html: html.replace(BASE_PATH, () => basePathOf(publicUrl)),
  };
}

/** A file of the package by its path from the package's root, the same from TypeScript and from dist/. */
function packageFile(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, path);
}

/** The path of a public address, without a slash at its end: `/desk` of `https://host/desk/`, nothing of `https://host`. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}
