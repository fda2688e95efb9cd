import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The live page and the pages of the API documentation. */
export const pages = {
  isPage: (url: string): boolean => url === '/' || url.startsWith('/?') || url.startsWith('/docs'),
  /** The live page: one file, read once. */
  html: readFileSync(packageFile('apps/console/index.html'), 'utf8'),
};

/** A file of the package by its path from the package's root, the same from TypeScript and from dist/. */
function packageFile(path: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, path);
}
