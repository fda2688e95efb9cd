import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '#errors';
import { configSlices } from '../../apps/api/config-slices.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

interface Row {
  lib: string;
  name: string;
  value: string;
  effect: string;
  metric: string;
  scope: string | undefined;
}

const page = readFileSync('docs/limits.md', 'utf8');
const sections = page.split(/^## /m).slice(1);
const CODE_SECTION = 'Bounds in the code';
/** A constant with such a name is a limit. */
const LIMIT_NAME = /(?:^|_)(?:MAX|MOST|LIMIT|LIMITS|TIMEOUT|BUDGET)(?:_|$)/;

const cells = (section: string) =>
  section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:limit|constant) \|/.test(line))
    .map((line) => line.slice(2, -2).split(' | '));
const bare = (cell: string | undefined) => (cell ?? '').trim().replaceAll('`', '');

const rows: Row[] = sections
  .filter((section) => !section.startsWith(CODE_SECTION))
  .flatMap((section) =>
    cells(section).map((row) => ({
      lib: section.split('\n', 1)[0]!,
      name: bare(row[1]),
      value: bare(row[2]),
      effect: row[3] ?? '',
      metric: bare(row[4]),
      scope: row[5]?.trim(),
    })),
  );
const notLimits = sections.flatMap((section) =>
  [...(/^Not limits: ([^]*?)\.$/m.exec(section)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => ({
    lib: section.split('\n', 1)[0]!,
    name: name!,
  })),
);

/**
 * Every number of every config slice, and every setting with the name of a limit, with its default as the page writes
 * it.
 */
const numbers = configSlices.flatMap((slice) => {
  const values = slice.read({}) as Record<string, unknown>;
  const settings = Object.entries(slice.settings)
    .filter(([name, { key }]) => typeof values[name] === 'number' || LIMIT_NAME.test(key))
    .map(([name, setting]) => ({ lib: slice.name, name: setting.key, value: setting.write(values[name]) }));
  const internals = Object.entries(slice.internals)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => ({ lib: slice.name, name: `${slice.name}.${name}`, value: String(value) }));
  return [...settings, ...internals];
});

/** Constants of modules with the name of a limit and a numeric value. */
const constants = ['libs', 'apps/api']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.spec)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]*)[^=\n]*= *(\d[\d_ *+-]*);/gm)]
      .filter(([, name]) => LIMIT_NAME.test(name!))
      .map(([, name, value]) => `${name} in ${file}: ${valueOf(value!)}`),
  );

/** The value of sums, differences, products and powers of whole numbers. */
function valueOf(text: string): number {
  const product = (part: string) =>
    part.split(/(?<!\*)\*(?!\*)/).reduce((value, factor) => {
      const [base, exponent = 1] = factor.split('**').map((number) => Number(number.replaceAll('_', '')));
      return value * base! ** exponent;
    }, 1);
  const [first, ...rest] = text.split('-').map((part) => part.split('+').reduce((sum, each) => sum + product(each), 0));
  return rest.reduce((value, part) => value - part, first!);
}

describe('docs/limits.md', () => {
  let desk: TestApp;
  beforeAll(async () => {
    desk = await startTestApp();
  });
  afterAll(() => desk.close());

  it('docs/limits.md lists every number of the settings and constants once, in the section of its lib', () => {
    const documented = [...rows, ...notLimits].map(({ lib, name }) => `${lib}: ${name}`);
    const declared = numbers.map(({ lib, name }) => `${lib}: ${name}`);
    // A limit that is not a plain number, such as an amount of dollars, may be listed too.
    const settings = new Set(
      configSlices.flatMap((slice) => Object.values(slice.settings).map(({ key }) => `${slice.name}: ${key}`)),
    );
    expect(documented.filter((name) => !declared.includes(name) && !settings.has(name)).sort()).toEqual([]);
    expect(declared.filter((name) => !documented.includes(name)).sort()).toEqual([]);
    expect(new Set(documented).size).toBe(documented.length);
  });

  it('docs/limits.md has the defaults of the code', () => {
    const defaults = new Map(numbers.map(({ name, value }) => [name, value]));
    for (const slice of configSlices)
      for (const setting of Object.values(slice.settings))
        if (!defaults.has(setting.key))
          defaults.set(setting.key, setting.write(setting.schema.safeParse(undefined).data));
    expect(rows.map(({ name, value }) => `${name} ${value}`)).toEqual(
      rows.map(({ name }) => `${name} ${defaults.get(name)}`),
    );
  });

  it('docs/limits.md names every constant limit with its file and value', () => {
    const listed = cells(sections.find((section) => section.startsWith(CODE_SECTION))!).map(
      ([name, file, value, bounds]) => {
        expect(bounds).not.toBe('');
        return `${bare(name)} in ${bare(file)}: ${bare(value)}`;
      },
    );
    expect(listed.sort()).toEqual(constants.sort());
  });

  it('docs/limits.md says of every limit of requests, sign-ins and sockets whether one process or all processes have it', () => {
    const counting = rows.filter(({ lib }) => ['auth', 'realtime', 'throttling'].includes(lib));
    expect(counting.filter(({ scope }) => !['process', 'cluster', 'database'].includes(scope ?? ''))).toEqual([]);
    expect(counting.filter(({ scope }) => scope === 'cluster')).toHaveLength(11);
  });

  it('docs/limits.md describes the effect of each limit with existing error codes', () => {
    const known = new Set(errorCatalogue().map(([code]) => code));
    const libs = new Set([...known].map((code) => code.slice(0, code.indexOf('_'))));
    const settings = new Set(configSlices.flatMap((slice) => Object.values(slice.settings).map(({ key }) => key)));
    const named = [...page.matchAll(/`([A-Z]+)(_[A-Z_]+)`/g)]
      .filter(([, lib, rest]) => libs.has(lib!) && !settings.has(lib! + rest!))
      .map(([, lib, rest]) => lib! + rest!);
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((code) => !known.has(code) && !page.includes(`| \`${code}\` | \`libs/`))).toEqual([]);
    expect(rows.filter(({ effect }) => effect.trim() === '')).toEqual([]);
    expect(rows.filter(({ effect }) => /\b4\d\d\b|\b503\b/.test(effect) && !/`[A-Z]+_[A-Z_]+`/.test(effect))).toEqual(
      [],
    );
  });

  it('docs/limits.md names a metric per limit that the running desk exposes', async () => {
    const { body } = await desk.request<string>('GET', '/metrics');
    const exposed = new Set([...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    expect(rows.filter(({ metric }) => !exposed.has(metric)).map(({ name, metric }) => `${name}: ${metric}`)).toEqual(
      [],
    );
  });
});
