import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { basePathOf, CONSOLE_PATHS, pagesOf } from './pages.js';

describe('The base path', () => {
  it.each([
    [undefined, ''],
    ['https://desk.example', ''],
    ['https://desk.example/', ''],
    ['https://host.example/desk', '/desk'],
    ['https://host.example/team/desk//', '/team/desk'],
  ])('of %s is "%s"', (publicUrl, basePath) => {
    expect(basePathOf(publicUrl)).toBe(basePath);
  });
});

describe('The pages', () => {
  const pages = pagesOf({ publicUrl: 'https://host.example/desk' });

  it.each(['/', '/?from=mail', '/alerts', '/alerts/1?tab=log', '/users'])('%s is the console', (url) => {
    expect(pages.htmlAt(url)).toBe(pages.console);
  });

  it.each(['/v1/alerts', '/alertsx', '/assets/index.js', '/health/live', '/plainx'])('%s is no page', (url) => {
    expect(pages.htmlAt(url)).toBeUndefined();
  });

  it('the console and the plain page name the path of the public address', () => {
    for (const html of [pages.console, pages.plain]) expect(html).not.toContain('%BASE_PATH%');
    expect(pages.plain).toContain('data-base-path="/desk"');
    expect(pages.console).not.toContain('"./assets/');
  });

  it('every page of the console has its path here, so that a reload finds it', () => {
    const routes = readFileSync('apps/console/src/routes.ts', 'utf8').matchAll(/^ {2}route\('\w+', '(\w+)'/gm);
    const paths = [...routes].map(([, name]) => name).filter((name) => name !== 'desk');
    expect(paths.sort()).toEqual([...CONSOLE_PATHS].sort());
  });

  it('a desk whose console is not built says so', () => {
    expect(pagesOf({ publicUrl: undefined }, tmpdir()).console).toContain('npm run build');
  });

  it('a console that is built while the desk runs is served, with the path of the public address, and replaces the one before', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-console-'));
    const build = (script: string) =>
      writeFileSync(join(folder, 'index.html'), `<script src="./assets/${script}"></script>`);
    const served = pagesOf({ publicUrl: 'https://host.example/desk' }, folder);
    expect(served.htmlAt('/alerts')).toContain('npm run build');
    build('first.js');
    expect(served.htmlAt('/alerts')).toBe('<script src="/desk/assets/first.js"></script>');
    build('the-second.js');
    expect(served.console).toBe('<script src="/desk/assets/the-second.js"></script>');
    rmSync(folder, { recursive: true });
    expect(served.htmlAt('/')).toBe(served.console);
  });
});
