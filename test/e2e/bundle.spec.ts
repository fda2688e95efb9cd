import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder } from './desk-process.fixture.js';

const BUNDLE = join(process.cwd(), 'dist', 'bundle');
const HOOK = pathToFileURL(join(process.cwd(), 'test', 'setup', 'loaded-packages.mjs')).href;

describe('the bundle that `npm start` runs', () => {
  const folder = new DeskFolder();

  beforeAll(buildIfStale);
  afterAll(() => folder.remove());

  it('has the whole desk: a start loads one copy of each package, and few from elsewhere', async () => {
    const desk = folder.serve({ NODE_OPTIONS: `--import=${HOOK}` });
    await desk.ready();
    desk.kill('SIGTERM');
    expect(await desk.exit).toBe(0);
    const { packages, bundled } = JSON.parse(desk.stderr.trim().split('\n').at(-1)!) as Record<string, string[]>;
    expect(bundled).toEqual(expect.arrayContaining(['@nestjs/core', 'fastify', 'rxjs', 'socket.io', 'typeorm', 'zod']));
    expect(packages).toEqual(expect.arrayContaining(['@node-rs/argon2', 'graphile-worker', 'pg', 'piscina']));
    // tslib has no state.
    expect(packages!.filter((name) => name !== 'tslib' && bundled!.includes(name))).toEqual([]);
    expect(packages!.filter((name) => /^(@nestjs|@fastify)\/|typeorm|rxjs/.test(name))).toEqual([]);
  });

  it('finds the modules that threads run, which are not in it', async () => {
    const code = readdirSync(BUNDLE).map((name) => readFileSync(join(BUNDLE, name), 'utf8'));
    const paths = code.flatMap((text) => [...text.matchAll(/^[^/*]*import\.meta\.resolve\("(\.[^"]*\.js)"\)/gm)]);
    expect(paths.map(([, path]) => path)).toHaveLength(5);
    for (const [, path] of paths) {
      const url = new URL(path!, pathToFileURL(`${BUNDLE}/`));
      expect(existsSync(fileURLToPath(url))).toBe(true);
      expect(await import(url.href)).toHaveProperty('default', expect.any(Function));
    }
  });
});
