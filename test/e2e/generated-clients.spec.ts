import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startApp } from '../../apps/api/start-app.js';
import { testEnvironment } from '../setup/test-environment.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const NAMES = ['NewAlertRule', 'Event', 'Problem', 'User', 'DashboardPanels', 'PortfoliosPanelWindow'];

/** Where the types of a generated client are. */
const IMPORTS: Record<string, string> = {
  'openapi-typescript': [
    `import type { components, paths } from './openapi-typescript.js';`,
    ...NAMES.map((name) => `type ${name} = components['schemas']['${name}'];`),
    `type DashboardQuery = NonNullable<paths['/v1/dashboard']['get']['parameters']['query']>;`,
  ].join('\n'),
  'hey-api': [
    `import type { ${NAMES.join(', ')}, DashboardShowData } from './hey-api/types.gen.js';`,
    `type DashboardQuery = NonNullable<DashboardShowData['query']>;`,
  ].join('\n'),
  orval: `import type { ${NAMES.join(', ')}, DashboardShowParams as DashboardQuery } from './orval.js';`,
};
const CONFIG = {
  compilerOptions: {
    ...{ strict: true, noEmit: true, skipLibCheck: true, target: 'es2023', module: 'nodenext', types: [] },
    lib: ['es2023', 'dom', 'dom.iterable'],
  },
  include: Object.keys(IMPORTS).map((generator) => `use-${generator}.ts`),
};

describe('clients generated from the OpenAPI document', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'generated-clients-'));
    // The document needs no database.
    const desk = await startApp(testEnvironment('postgres://nobody@127.0.0.1:1/none'));
    const document = await (await fetch(`${desk.url}/openapi.json`)).text();
    await desk.stop();
    const use = await readFile(join(import.meta.dirname, 'generated-client-use.txt'), 'utf8');
    const orval = { desk: { input: './openapi.json', output: { target: './orval.ts', client: 'fetch' } } };
    await Promise.all(
      Object.entries({
        'openapi.json': document,
        'package.json': '{ "type": "module" }',
        'tsconfig.json': JSON.stringify(CONFIG),
        'orval.config.mjs': `export default ${JSON.stringify(orval)};`,
        ...Object.fromEntries(
          Object.entries(IMPORTS).map(([generator, imports]) => [`use-${generator}.ts`, `${imports}\n${use}`]),
        ),
      }).map(([name, text]) => writeFile(join(folder, name), text)),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function tool(path: string, ...args: string[]): Promise<void> {
    const { stdout } = await run(process.execPath, [join(ROOT, path), ...args], { cwd: folder }).catch(
      (error: { stdout?: string; stderr?: string }) => ({ stdout: `failed: ${error.stdout}${error.stderr}` }),
    );
    expect(stdout).not.toMatch(/^failed/);
  }

  it('openapi-typescript, hey-api and orval generate types in which a wrong name does not compile', async () => {
    await Promise.all([
      tool(
        'clients/typescript/node_modules/openapi-typescript/bin/cli.js',
        ...['openapi.json', '-o', 'openapi-typescript.ts', '--default-non-nullable=false'],
      ),
      tool('node_modules/@hey-api/openapi-ts/bin/run.js', '-i', 'openapi.json', '-o', 'hey-api'),
      tool('node_modules/orval/dist/bin/orval.mjs', '--config', 'orval.config.mjs'),
    ]);
    // Each `@ts-expect-error` of the use fails where the line below it compiles.
    await tool('node_modules/typescript-7/bin/tsc', '-p', '.');
  });
});
