import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const run = promisify(execFile);
const ROOT = process.cwd();
const MODULES = join(ROOT, 'node_modules');
/** With socket.io-client. */
const MAX_GZIPPED = 20 * 1024;

const README = readFileSync(join(ROOT, 'clients/typescript/README.md'), 'utf8');
const blocks = (language: string) =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code!);

describe('the package @deskwire/client', () => {
  it('the client takes at most 20 KB gzipped with socket.io-client, and needs no eval', async () => {
    const entry = '\0entry';
    const output = await build({
      configFile: false,
      logLevel: 'error',
      resolve: { conditions: ['deskwire-source', 'module', 'browser'] },
      build: {
        write: false,
        target: 'es2022',
        rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict' },
      },
      plugins: [
        {
          name: 'entry',
          resolveId: (id) => (id === 'entry' ? entry : undefined),
          load: (id) => (id === entry ? "export * from '@deskwire/client';" : undefined),
        },
      ],
    });
    const [chunk, ...others] = (output as unknown as { output: { code: string }[] }).output;
    expect(others).toEqual([]);
    const size = gzipSync(chunk!.code, { level: 9 }).length;
    expect(chunk!.code).toContain('dashboard:subscribe');
    // engine.io-client asks for the global object so where neither `self` nor `window` exists, which no page does.
    const ours = chunk!.code.replace(/Function\(.return this.\)\(\)/, '');
    expect(ours).not.toMatch(/\beval\b|\bFunction\(/);
    expect(size).toBeLessThanOrEqual(MAX_GZIPPED);
  });

  it('the packed package installs offline in an empty project, runs, and type-checks by bundler and nodenext, with TypeScript 6 and 7', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-client-'));
    const npm = (cwd: string, ...args: string[]) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
    try {
      npm(join(ROOT, 'clients/typescript'), 'pack', '--silent', '--pack-destination', folder);
      const app = join(folder, 'app');
      mkdirSync(app);
      const [archive] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
      // What the registry would give, from the packages of this checkout.
      const installed = ['socket.io-client', 'react', 'react-dom', '@types/react', '@types/react-dom', '@tanstack/db'];
      const files = Object.fromEntries(installed.map((name) => [name, `file:${join(MODULES, name)}`]));
      const { 'socket.io-client': socket, ...direct } = files;
      const manifest = {
        ...{ name: 'app', private: true, type: 'module' },
        dependencies: { '@deskwire/client': `file:../${archive}`, ...direct },
        overrides: { 'socket.io-client': socket },
      };
      writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
      npm(
        app,
        'install',
        '--offline',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        `--cache=${join(folder, 'cache')}`,
      );
      const shown = readdirSync(join(app, 'node_modules/@deskwire/client'));
      expect(shown.sort()).toEqual(['README.md', 'dist', 'package.json']);

      const [dashboard] = blocks('tsx dashboard');
      expect(dashboard!.trimEnd().split('\n')).toHaveLength(30);
      writeFileSync(join(app, 'dashboard.tsx'), dashboard!);
      const pieces = blocks('ts').map((code) => code.replace(/^import .*\n/gm, '').replace(/^/gm, '  '));
      const imports = [...new Set(blocks('ts').flatMap((code) => code.match(/^import .*$/gm) ?? []))].join('\n');
      const functions = pieces.map((code, at) => `export async function piece${at}() {\n${code}}\n`);
      writeFileSync(
        join(app, 'pieces.ts'),
        `${imports}\nconst desk = createDesk({ url: '/' });\n${functions.join('')}`,
      );
      const compile = async (compiler: string, module: string, moduleResolution: string, skipLibCheck: boolean) => {
        const compilerOptions = {
          ...{ module, moduleResolution, target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], jsx: 'react-jsx' },
          ...{ strict: true, noUncheckedIndexedAccess: true, skipLibCheck, noEmit: true, types: [] },
        };
        const project = join(app, `tsconfig.${moduleResolution}.json`);
        writeFileSync(project, JSON.stringify({ compilerOptions, include: ['*.ts', '*.tsx'] }));
        await run(process.execPath, [join(MODULES, compiler, 'bin/tsc'), '-p', project], { cwd: app });
      };
      await Promise.all([
        compile('typescript', 'preserve', 'bundler', true),
        compile('typescript-7', 'nodenext', 'nodenext', false),
      ]);
      const code = `
        import { createDesk } from '@deskwire/client';
        import { FakeDesk } from '@deskwire/client/testing';
        const fake = new FakeDesk();
        const desk = createDesk({ ...fake.options, signIn: fake.credentials('admin') });
        process.stdout.write((await desk.ready()).role);
        desk.close();`;
      const script = ['--input-type=module', '-e', code];
      expect(execFileSync(process.execPath, script, { cwd: app, encoding: 'utf8' })).toBe('admin');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
