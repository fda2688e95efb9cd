import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildIfStale } from '../setup/build-if-stale.js';

const HOOK = join(process.cwd(), 'test', 'setup', 'loaded-packages.mjs');
const MAIN = join(process.cwd(), 'dist', 'bundle', 'deskwire.js');

interface Loaded {
  packages: string[];
  bundled: string[];
  compileCache: string;
}

describe('what a start of `deskwire` loads', () => {
  let folder: string;

  beforeAll(() => {
    buildIfStale();
    folder = mkdtempSync(join(tmpdir(), 'deskwire-loading-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function loadedBy(args: readonly string[], environment: Record<string, string> = {}): Loaded {
    const { stderr } = spawnSync(process.execPath, ['--import', HOOK, MAIN, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], DESKWIRE_HOME: folder, ...environment },
      encoding: 'utf8',
    });
    return JSON.parse(stderr.trim().split('\n').at(-1)!) as Loaded;
  }

  function packagesOf(...command: Parameters<typeof loadedBy>): string[] {
    const { packages, bundled } = loadedBy(...command);
    return [...packages, ...bundled].sort();
  }

  it.each([[['--help']], [['--version']], [['migrate', 'up', '--help']], [['users', '--help']]])(
    'deskwire loads only its parser for %j',
    (args) => expect(packagesOf(args)).toEqual(['commander']),
  );

  it.each([
    [['config', 'check'], {}],
    [['config', 'example'], {}],
    [['config', 'check'], { PORT: 'eighty' }],
  ] as const)('deskwire loads neither Nest, TypeORM nor a server for %j with %j', (args, environment) => {
    const loaded = packagesOf(args, environment as Record<string, string>);
    expect(loaded).toContain('zod');
    expect(loaded.filter((name) => !['commander', 'entities', 'ipaddr.js', 'zod'].includes(name))).toEqual([]);
  });

  it('keeps the compiled code in the folder of the package', () => {
    const { compileCache } = loadedBy(['--version']);
    expect(dirname(compileCache)).toBe(join(process.cwd(), 'node_modules', '.cache', 'deskwire'));
  });
});
