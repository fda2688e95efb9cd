import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Code by its path, with the rules that it breaks. */
const CASES: [path: string, code: string, ...rules: string[]][] = [
  ['libs/one/types.ts', `export const one: number = 'a';`, 'typescript(TS2322)'],
  ['test/types.ts', `export const one: number = 'a';`, 'typescript(TS2322)'],
  ['libs/one/promise.ts', `Promise.resolve(1);`, 'typescript(no-floating-promises)'],
  ['libs/one/thing.ts', `export class Thing {}\nexport const thing = 1;`],
  [
    'libs/one/imports.ts',
    `import { Thing, thing } from './thing.js';\nexport const of = (it: Thing) => [it, thing];`,
    'house(type-imports)',
  ],
  [
    'libs/one/marked.ts',
    `import { type Thing, thing } from './thing.js';\nexport const of = (it: Thing) => [it, thing];`,
  ],
  [
    'libs/one/injected.ts',
    `import { Thing } from './thing.js';\ndeclare const Injectable: () => ClassDecorator;\n@Injectable()\nexport class Reader {\n  constructor(readonly it: Thing) {}\n}`,
  ],
  ['libs/one/topic.ts', `type Topic = 'a';\nexport const topic = 'b' as string as Topic;`, 'house(topic-of-topics)'],
  [
    'libs/one/feed.ts',
    `export const one = 'INSERT INTO change_feed';\nexport const two = (n: number) => \`insert into change_feed \${n}\`;`,
    'house(append-to-the-feed)',
    'house(append-to-the-feed)',
  ],
  ['libs/changes/feed.ts', `export const one = 'INSERT INTO change_feed';`],
  [
    'libs/one/error.ts',
    `class DomainError extends Error {}\nexport const one = () => new DomainError();`,
    'house(documented-errors)',
  ],
  ['libs/errors/error.ts', `class DomainError extends Error {}\nexport const one = () => new DomainError();`],
  ['libs/one/print.ts', `console.log(1);`, 'eslint(no-console)'],
  ['apps/cli/print.ts', `console.log(1);`],
  ['libs/one/comment.ts', `// oxlint-disable-next-line no-console\nexport const one = 1;`, ''],
  [
    'apps/console/hook.ts',
    `import { useEffect } from 'react';\nexport function useOne(n: number) {\n  if (n) useEffect(() => undefined);\n}`,
    'react-hooks(rules-of-hooks)',
  ],
];

describe('the linter', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deskwire-lint-'));
    for (const file of ['.oxlintrc.json', 'scripts/lint-rules.mjs', 'tsconfig.json'])
      cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, code] of CASES) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${code}\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('finds what breaks a rule, types included, where the rule holds, and nothing else', async () => {
    const found = new Map<string, string[]>(CASES.map(([path]) => [path, []]));
    for (const { filename, code } of await diagnostics(folder)) found.get(filename)!.push(code ?? '');
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(CASES.map(([path, , ...rules]) => [path, rules])));
  });
});

async function diagnostics(cwd: string): Promise<{ filename: string; code?: string }[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const output = await new Promise<string>((resolve) =>
    execFile(process.execPath, [oxlint, '-f', 'json', 'apps', 'libs', 'test'], { cwd }, (_error, stdout) =>
      resolve(stdout),
    ),
  );
  return JSON.parse(output).diagnostics;
}
