import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import { builtInMasters } from './built-in-masters.js';
import { columnsOf, type MasterMapping, masterMappingSchema } from './master-mapping.js';
import { readMaster } from './read-master.fixture.js';

const MINIMAL = { name: 'm', key: ['k'], columns: { tradingsymbol: 's', exchange: 'e' } };
const issuesOf = (mapping: unknown) =>
  (masterMappingSchema.safeParse(mapping).error?.issues ?? []).map(
    ({ path, message, ...issue }) => `${[...path, ...('keys' in issue ? issue.keys : [])].join('.')}: ${message}`,
  );
const withColumn = (name: string, column: unknown, more: object = {}) => ({
  ...MINIMAL,
  ...more,
  columns: { ...MINIMAL.columns, [name]: column },
});

describe('a mapping file', () => {
  it.each<[string, unknown, string]>([
    ['lacks an exchange', { ...MINIMAL, columns: { tradingsymbol: 's' } }, 'columns.exchange or constants.exchange'],
    ['has no key', { ...MINIMAL, key: [] }, 'key: '],
    ['has an unknown word', { ...MINIMAL, typo: 1 }, 'typo: '],
    ['has an unknown column', withColumn('tickSizes', 't'), 'columns.tickSizes: '],
    [
      'has an unknown word in a column',
      withColumn('strike', { column: 'x', divide: 10 }),
      'columns.strike.divide: no such word',
    ],
    ['has a number as a column', withColumn('strike', 5), 'columns.strike: '],
    [
      'has neither a column nor alternatives',
      withColumn('name', { blank: ['x'] }),
      'columns.name: either "column" or "first"',
    ],
    ['divides by 3', withColumn('strike', { column: 'x', divideBy: 3 }), 'columns.strike.divideBy: a power of ten'],
    [
      'has a case without conditions',
      withColumn('strike', { column: 'x', when: [{ if: [], divideBy: 10 }] }),
      'columns.strike.when.0.if: ',
    ],
    [
      'has letters that mean nothing in a date format',
      withColumn('expiry', { column: 'x', formats: ['YYYY-MM-DD', 'YYYY-MM-DD hh:mm'] }),
      'columns.expiry.formats.1: the letters "hh" mean nothing',
    ],
    [
      'has an unknown clock',
      withColumn('expiry', { column: 'x', clock: 'India' }),
      'columns.expiry.clock: "wall", an offset',
    ],
    [
      'has two clocks',
      withColumn('expiry', { column: 'x', clock: 'wall', utcOffset: '+05:30' }),
      'columns.expiry: either "clock" or "utcOffset"',
    ],
    [
      'counts from an impossible day',
      withColumn('expiry', { column: 'x', since: '1980-02-30' }),
      'columns.expiry.since: a day',
    ],
    [
      'has a condition of two kinds',
      { ...MINIMAL, where: [{ column: 'a', is: ['1'], not: ['2'] }] },
      'where.0: either "is" or "not"',
    ],
    [
      'has others without a map',
      withColumn('name', { column: 'a', others: 'refuse' }),
      'columns.name: "others" needs a "map"',
    ],
    ['has a path of seven steps', withColumn('name', 'a.b.c.d.e.f.g'), 'columns.name: a path of at most 6 steps'],
    ['has rows in a CSV file', { ...MINIMAL, rows: 'a.b' }, 'rows: only a mapping of format "json"'],
    [
      'has a header in a JSON file',
      { ...MINIMAL, format: 'json', header: false },
      'header: a mapping of format "json" has none',
    ],
    ['has a name where the header is missing', { ...MINIMAL, header: false }, 'without a header the columns are "1"'],
    [
      'has two places of the header',
      { ...MINIMAL, header: { line: 1, startsWith: 'a' } },
      'header: either "line" or "startsWith"',
    ],
    ['has an unknown header', { ...MINIMAL, header: { starts: 'a' } }, 'header.starts: no such word'],
    ['has @key in a CSV file', { ...MINIMAL, key: ['@key'] }, '"@key" is a column of JSON files only'],
    [
      'has 41 conditions',
      {
        ...MINIMAL,
        where: Array(40).fill({ column: 'a', is: [] }),
        ...withColumn(
          'strike',
          { column: 'x', when: [{ if: [{ column: 'a', is: [] }], divideBy: 10 }] },
          { where: Array(40).fill({ column: 'a', is: [] }) },
        ),
      },
      '41 conditions; at most 40',
    ],
    [
      'has 33,000 characters',
      { ...MINIMAL, ignore: Array.from({ length: 400 }, (_, at) => `${at}`.padEnd(100, 'x')) },
      'at most 32768 characters',
    ],
    [
      'has a multiplier of 0',
      { ...MINIMAL, constants: { multiplier: '0' } },
      'constants.multiplier: a decimal above 0',
    ],
  ])('a mapping file that %s is refused with the place and the reason', (_what, mapping, expected) => {
    expect(issuesOf(mapping)[0]).toContain(expected);
  });

  it('a checked mapping can be checked again', () => {
    const mapping = masterMappingSchema.parse(withColumn('strike', { column: 'x', divideBy: 100 }));
    expect(masterMappingSchema.parse(JSON.parse(JSON.stringify(mapping)))).toEqual(mapping);
  });

  it('every column that a mapping reads is known, whatever the word that names it', () => {
    const strike = { column: 'x', times: 'y', when: [{ if: [{ column: 'z', is: ['1'] }], divideBy: 10 }] };
    const mapping = masterMappingSchema.parse(
      withColumn('strike', strike, { key: ['@exchange', 'k'], where: [{ column: 'w', not: [''] }] }),
    );
    expect(columnsOf(mapping).sort()).toEqual(['e', 'k', 's', 'w', 'x', 'y', 'z']);
  });
});

const published = readFileSync('docs/schemas/instrument-mapping.json', 'utf8');
const page = readFileSync('docs/master-mappings.md', 'utf8');

/** The examples of the page: a mapping, a file, and the contracts that are stored from it. */
const examples = [...page.matchAll(/```json\n([^`]*)```\n\n```text\n([^`]*)```\n\n```json\n([^`]*)```/g)].map(
  ([, mapping, file, rows]) => ({
    mapping: JSON.parse(mapping!) as MasterMapping,
    file: file!,
    rows: JSON.parse(rows!) as object[],
  }),
);

describe('the page about mappings', () => {
  it.each(examples.map((example) => [example.mapping.name, example] as const))(
    'the example %s of docs/master-mappings.md gives the contracts that the page shows',
    async (_name, { mapping, file, rows }) => {
      const read = await readMaster(file, { mapping: masterMappingSchema.parse(mapping) });
      expect(read.rows).toEqual(rows.map((row) => expect.objectContaining(row) as object));
      expect(read.quarantined).toBe(0);
    },
  );

  it('every code block of docs/master-mappings.md is part of an example or of a command', () => {
    const blocks = page.match(/^```(json|text)$/gm)!;
    expect(examples.length).toBeGreaterThan(5);
    expect(blocks).toHaveLength(examples.length * 3);
  });

  it('docs/master-mappings.md names every word of a mapping', () => {
    const words = new Set<string>();
    const collect = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      const { properties } = schema as { properties?: Record<string, unknown> };
      for (const name of Object.keys(properties ?? {})) words.add(name);
      Object.values(schema).forEach(collect);
    };
    collect(z.toJSONSchema(masterMappingSchema, { io: 'input' }));
    expect(words.size).toBeGreaterThan(35);
    expect([...words].filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  });

  it('the published JSON Schema accepts every built-in mapping and example, and refuses an unknown word', () => {
    const accepts = new Ajv2020({ strict: false, formats: { date: true } }).compile(JSON.parse(published) as object);
    for (const { mapping } of [...builtInMasters(), ...examples])
      expect([mapping.name, accepts(mapping)]).toEqual([mapping.name, true]);
    expect(accepts(withColumn('strike', { column: 'x', divide: 10 }))).toBe(false);
    expect(accepts(withColumn('expiry', { column: 'x', formats: 'YYYY' }))).toBe(false);
  });

  it('the published JSON Schema is that of the code', () => {
    expect(published).toBe(`${JSON.stringify(z.toJSONSchema(masterMappingSchema, { io: 'input' }), null, 2)}\n`);
  });
});
