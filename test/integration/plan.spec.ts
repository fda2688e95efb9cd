import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { allowedImports, domain, foundation, libs } from '../../libs/plan.mjs';

const root = process.cwd();
const folders = readdirSync(join(root, 'libs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe('the dependency plan', () => {
  it('the dependency plan has one row for each folder of libs, and one folder for each row', () => {
    expect([...libs].sort()).toEqual(folders);
  });

  it('the dependency plan allows a domain lib only rows above it', () => {
    const rows = Object.keys(domain);
    for (const [lib, uses] of Object.entries(domain)) {
      expect(rows.slice(0, rows.indexOf(lib))).toEqual(expect.arrayContaining(uses));
    }
  });

  it('the dependency plan allows the foundation no domain lib', () => {
    for (const lib of foundation) expect(allowedImports(lib).filter((used) => used in domain)).toEqual([]);
  });

  it.each(folders)('%s has a public entry and a README with its purpose', (lib) => {
    expect(existsSync(join(root, 'libs', lib, 'index.ts'))).toBe(true);
    expect(readFileSync(join(root, 'libs', lib, 'README.md'), 'utf8').length).toBeGreaterThan(100);
  });

  it('the dependency plan has no room called common, shared, utils, helpers, core or misc', () => {
    expect(folders.filter((lib) => /^(common|shared|utils?|helpers?|core|misc)$/.test(lib))).toEqual([]);
  });
});

describe('the cruiser that enforces the plan', () => {
  const forbidden: readonly [string, string, string, string][] = [
    ['a foundation lib that imports a domain lib', 'plan-errors', 'libs/errors/breach.ts', `import '#events';`],
    ['a lib entered by path instead of by name', 'by-name-only', 'libs/http/path.ts', `import '../errors/index.js';`],
    ['a lib that imports itself by name', 'own-lib-relative', 'libs/http/itself.ts', `import '#http';`],
    ['a lib that knows an app', 'libs-do-not-know-apps', 'libs/http/app.ts', `import '../../apps/api/main.js';`],
    ['a lib that has no row', 'listed', 'libs/http/row.ts', `import '#unlisted';`],
    ['a circle', 'no-circles', 'libs/http/circle.ts', `import './other.js';`],
  ];
  let broken: { rule: string; file: string }[];

  // A small copy of the house: the rules run over it as they run over the real one.
  beforeAll(() => {
    const house = mkdtempSync(join(root, 'node_modules/.plan-spec-'));
    const write = (path: string, text: string) => {
      mkdirSync(join(house, path, '..'), { recursive: true });
      writeFileSync(join(house, path), text);
    };
    try {
      for (const lib of ['errors', 'http', 'events', 'unlisted']) write(`libs/${lib}/index.ts`, 'export {};');
      write('apps/api/main.ts', 'export {};');
      write('libs/http/other.ts', `import './circle.js';`);
      write(
        'package.json',
        JSON.stringify({ type: 'module', imports: { '#*': { 'deskwire-source': './libs/*/index.ts' } } }),
      );
      for (const file of ['tsconfig.json', 'libs/plan.mjs', '.dependency-cruiser.mjs'])
        write(file, readFileSync(join(root, file), 'utf8'));
      for (const [, , file, source] of forbidden) write(file, `${source}\nexport {};`);
      broken = brokenRules(house);
    } finally {
      rmSync(house, { recursive: true, force: true });
    }
  });

  it.each(forbidden)('refuses %s', (_what, rule, file) => {
    expect(broken).toContainEqual({ rule, file });
  });
});

function brokenRules(house: string): { rule: string; file: string }[] {
  const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruise, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'apps', 'libs'];
  const json = execFileSync(process.execPath, args, {
    cwd: house,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { PATH: process.env['PATH'] },
  });
  const report = JSON.parse(json) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return report.summary.violations.map(({ from, rule }) => ({ rule: rule.name, file: from }));
}
