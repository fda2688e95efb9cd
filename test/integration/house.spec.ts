import { measureHouse, publicNames } from '../../scripts/house/rules.mjs';
import { readSources } from '../../scripts/house/sources.mjs';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

describe('the figures of the house', () => {
  it.each(measureHouse(process.cwd()).map((figure) => [figure.name, figure] as const))(
    'keep to: %s',
    (_name, figure) => {
      expect(figure.breaches).toEqual([]);
    },
  );
});

describe('the measurement of a house', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'deskwire-house-'));
    mkdirSync(join(root, 'apps'));
    write('libs/one/index.ts', `export { A } from './a.js';`);
    write('libs/one/a.ts', `export const A = 1;\n${'//\n'.repeat(30)}`);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const breachesOf = (name: string) => measureHouse(root).find((figure) => figure.name.includes(name))!.breaches;

  it('the measurement of a house finds nothing wrong with a small house in order', () => {
    expect(measureHouse(root).flatMap(({ breaches }) => breaches)).toEqual([]);
  });

  it('the measurement of a house finds a folder of more than 20 source files, without counting specs', () => {
    for (let n = 0; n < 19; n++) write(`libs/one/s${n}.spec.ts`, '');
    expect(breachesOf('folder')).toEqual([]);
    for (let n = 0; n < 19; n++) write(`libs/one/f${n}.ts`, '');
    expect(breachesOf('folder')).toEqual(['libs/one: 21 files']);
  });

  it('the measurement of a house finds a file of more than 300 lines', () => {
    write('libs/one/long.ts', '//\n'.repeat(301));
    expect(breachesOf('file,')).toEqual(['libs/one/long.ts: 301 lines']);
  });

  it('the measurement of a house finds a public entry of more than 15 names, and counts the members of a namespace and of an object of exports', () => {
    write('libs/one/b.ts', Array.from({ length: 8 }, (_, n) => `export const b${n} = ${n};`).join('\n'));
    write('libs/one/c.ts', `import { b1, b2 } from './b.js';\nexport const c = { b1, b2 };`);
    write(
      'libs/one/index.ts',
      `export { A } from './a.js';\nexport * as b from './b.js';\nexport * from './b.js';\nexport { c } from './c.js';`,
    );
    const sources = readSources(root);
    const byPath = new Map(sources.map((source) => [source.path, source]));
    expect(publicNames(byPath.get('libs/one/index.ts')!, byPath)).toHaveLength(1 + 8 + 8 + 2);
    expect(breachesOf('entry')).toEqual(['#one: 19 names']);
  });

  it('the measurement of a house finds a short file with one reader, unless the lib offers it or a spec tests it', () => {
    write('libs/one/crumb.ts', 'export const crumb = 1;');
    write('libs/one/a.ts', `import { crumb } from './crumb.js';\nexport const A = crumb;\n${'//\n'.repeat(30)}`);
    expect(breachesOf('fragments')).toEqual(['libs/one/crumb.ts: 0 lines, one reader']);
    write('libs/one/crumb.spec.ts', `import './crumb.js';`);
    expect(breachesOf('fragments')).toEqual([]);
  });

  it('the measurement of a house finds a name that two files export', () => {
    write('libs/two/index.ts', 'export class A {}');
    expect(breachesOf('twice')).toEqual(['A: libs/one/a.ts, libs/two/index.ts']);
  });

  it('the measurement of a house finds a provider that a module exports and nothing injects', () => {
    write(
      'libs/one/one.module.ts',
      `@Module({ providers: [Used, Dead], exports: [Used, Dead] })\nexport class OneModule {}`,
    );
    write('libs/two/reader.ts', 'export class Reader { constructor(private readonly used: Used) {} }');
    expect(breachesOf('providers')).toEqual(['Dead: exported by libs/one/one.module.ts, injected nowhere']);
  });
});
