import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check, resolveConfig } from 'prettier';

const SCRIPT = join(process.cwd(), 'scripts', 'new-lib.mjs');

interface Plan {
  foundation: string[];
  domain: Record<string, string[]>;
  libs: string[];
}

describe('npm run new:lib', () => {
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'deskwire-new-lib-'));
    cpSync('libs', join(copy, 'libs'), { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true, force: true }));

  const newLib = (...args: string[]) => spawnSync(process.execPath, [SCRIPT, ...args], { cwd: copy, encoding: 'utf8' });
  const plan = () => import(pathToFileURL(join(copy, 'libs', 'plan.mjs')).href) as Promise<Plan>;
  const folders = () =>
    readdirSync(join(copy, 'libs'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);

  it('npm run new:lib creates a domain lib with its files and its row, formatted', async () => {
    const { status, stdout } = newLib('order-books');
    expect(status).toBe(0);
    expect(stdout).toContain('OrderBooksModule');
    const { domain, libs } = await plan();
    expect(domain['order-books']).toEqual([]);
    expect([...libs].sort()).toEqual(folders().sort());
    const lib = join(copy, 'libs', 'order-books');
    expect(readdirSync(lib).sort()).toEqual(['README.md', 'index.ts', 'order-books.module.ts']);
    expect(readFileSync(join(lib, 'index.ts'), 'utf8')).toBe(
      `export { OrderBooksModule } from './order-books.module.js';\n`,
    );
    expect(readFileSync(join(lib, 'README.md'), 'utf8').length).toBeGreaterThan(100);
    const style = await resolveConfig(join(process.cwd(), 'package.json'));
    for (const file of [join(lib, 'index.ts'), join(lib, 'order-books.module.ts'), join(copy, 'libs', 'plan.mjs')])
      expect([file, await check(readFileSync(file, 'utf8'), { ...style, filepath: file })]).toEqual([file, true]);
  });

  it('npm run new:lib creates a foundation lib as the last row of the foundation', async () => {
    expect(newLib('calendars', '--foundation').status).toBe(0);
    expect((await plan()).foundation.at(-1)).toBe('calendars');
  });

  it.each([
    ['events', 'exists already'],
    ['utils', 'does not describe the content'],
    ['Upper', 'Usage'],
    ['../escape', 'Usage'],
    ['', 'Usage'],
  ])('npm run new:lib refuses the name "%s" and changes nothing', (name, reason) => {
    const before = [folders(), readFileSync(join(copy, 'libs', 'plan.mjs'), 'utf8')];
    const { status, stderr } = newLib(name);
    expect([status, stderr]).toEqual([64, expect.stringContaining(reason)]);
    expect([folders(), readFileSync(join(copy, 'libs', 'plan.mjs'), 'utf8')]).toEqual(before);
  });
});
