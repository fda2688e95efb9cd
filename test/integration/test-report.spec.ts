import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A suite in Jest's report: its tests by name, each with its status or the error that failed it. */
const suite = (name: string, tests: Record<string, 'passed' | 'pending' | Error>, message = '') => ({
  name: join(process.cwd(), name),
  message,
  status: message !== '' || Object.values(tests).some((test) => test instanceof Error) ? 'failed' : 'passed',
  assertionResults: Object.entries(tests).map(([fullName, test]) => ({
    fullName,
    status: test instanceof Error ? 'failed' : test,
    failureMessages: test instanceof Error ? [test.message] : [],
  })),
});
type Suite = ReturnType<typeof suite>;

describe('the report of npm test', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'deskwire-report-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const save = (name: string, testResults: Suite[]) => {
    writeFileSync(join(folder, name), JSON.stringify({ testResults }));
    return join(folder, name);
  };
  const script = (args: string[], required = '') =>
    execFileSync(process.execPath, ['scripts/test-report.mjs', ...args], {
      encoding: 'utf8',
      env: { ...process.env, DESKWIRE_TEST_REQUIRE: required },
    }).trim();
  const again = (...suites: Suite[]) =>
    script(['again', save('report.json', suites)])
      .split('\n')
      .filter(Boolean);
  const count = (first: Suite[], second?: Suite[], required?: string) => {
    const names = join(folder, 'names');
    const reports = second === undefined ? [] : [save('again.json', second)];
    const counts = script(['count', save('report.json', first), names, ...reports], required);
    return { counts, names: readFileSync(names, 'utf8').trimEnd() };
  };

  const boom = new Error('\u001b[31mexpected 1\u001b[39m\n\nreceived 2\na\nb\nc');
  const reason = '\n    expected 1\n    received 2\n    a\n    b';

  it('counts tests, and names those that failed, with the first lines of the error, and those that were skipped', () => {
    const { counts, names } = count([suite('a.spec.ts', { one: 'passed', two: boom, three: 'pending' })]);
    expect(counts).toBe('1 1 1');
    expect(names).toBe(`failed: a.spec.ts: two${reason}\nskipped: a.spec.ts: three`);
  });

  it('a test that is skipped for want of what is required fails', () => {
    const suites = [suite('a.spec.ts', { 'with DESKWIRE_DATA_DIR': 'pending', 'with Redis': 'pending' })];
    expect(count(suites, undefined, 'data').counts).toBe('0 1 1');
    expect(count(suites, undefined, 'tools data').counts).toBe('0 2 0');
  });

  it('a test that failed beside others and passed alone counts as passed, and is named as unsteady', () => {
    const { counts, names } = count(
      [suite('a.spec.ts', { one: 'passed', two: boom }), suite('b.spec.ts', { three: 'passed' })],
      [suite('a.spec.ts', { one: 'passed', two: 'passed' })],
    );
    expect(counts).toBe('3 0 0');
    expect(names).toBe(`unsteady: a.spec.ts: two${reason}`);
  });

  it('a test that failed twice fails', () => {
    const { counts, names } = count(
      [suite('a.spec.ts', { one: 'passed', two: boom })],
      [suite('a.spec.ts', { one: 'passed', two: boom })],
    );
    expect(counts).toBe('1 1 0');
    expect(names).toBe(`failed: a.spec.ts: two${reason}`);
  });

  it('a suite that could not run, or left something open, fails, unless it ran well alone', () => {
    const broken = suite('a.spec.ts', { one: 'passed' }, '● Test suite failed to run\n\nleft open');
    expect(count([broken])).toEqual({
      counts: '1 1 0',
      names: 'failed: a.spec.ts: the suite failed to run\n    left open',
    });
    expect(count([broken], [suite('a.spec.ts', { one: 'passed' })])).toEqual({
      counts: '1 0 0',
      names: 'unsteady: a.spec.ts: the suite failed to run\n    left open',
    });
  });

  it('up to three failed suites run again, and none of more', () => {
    const failed = (name: string) => suite(name, { one: boom });
    const well = suite('well.spec.ts', { one: 'passed' });
    expect(again(well)).toEqual([]);
    expect(again(failed('a'), well, failed('b'))).toEqual([failed('a').name, failed('b').name]);
    expect(again(failed('a'), failed('b'), failed('c'))).toHaveLength(3);
    expect(again(failed('a'), failed('b'), failed('c'), failed('d'))).toEqual([]);
  });
});
