import fc from 'fast-check';
import { builtInMasters } from './built-in-masters.js';
import { mappingOf, readMaster } from './read-master.fixture.js';

const LAYOUT = {
  where: [{ column: 'state', not: ['gone'] }],
  blank: ['NA'],
  key: ['k'],
  columns: {
    exchange: { column: 'e', map: { N: 'NSE' }, others: 'refuse' },
    tradingsymbol: 's',
    expiry: { column: 'x', formats: ['D-MMM-YYYY', 'epoch_s'] },
    strike: { column: 'p', blank: ['-1'], divideBy: 100 },
    tickSize: 't',
  },
};
const HEADER = ['k', 'e', 's', 'x', 'p', 't', 'state'];
const cell = fc.oneof(
  fc.constantFrom(
    '',
    'NA',
    'N',
    'B',
    '1',
    '-1',
    '-0.05',
    '29-Dec-2026',
    '31-Feb-2026',
    '1798538400',
    'gone',
    '1e5',
    '\\N',
  ),
  fc.string({ maxLength: 12, unit: 'grapheme' }),
);
const row = fc.array(cell, { minLength: 5, maxLength: 8 });
const good = fc.nat().map((key) => [`K${key}`, 'N', 'S', '', '', '', '']);
const rows = fc.array(fc.oneof(row, good), { minLength: 1, maxLength: 12 });
const shown = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Codes of the errors that a file may be refused with. No other error may appear. */
const REFUSALS = /^INSTRUMENTS_(FILE_|WRONG_HEADER|MAPPING_NEEDED)/;

/** The number of rows that an import accounts for: stored, quarantined, or left out. */
async function accounted(text: string | Uint8Array, mapping?: ReturnType<typeof mappingOf>, pieces?: number) {
  try {
    const read = await readMaster(text, { ...(mapping && { mapping }), ...(pieces && { pieces }) });
    return read.rows.length + read.quarantined + read.filtered;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !REFUSALS.test(code)) throw error;
    return undefined;
  }
}

describe('any master', () => {
  it('every row of a CSV master is stored, quarantined or left out, whatever its cells are', async () => {
    const mapping = mappingOf(LAYOUT);
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), async (cells, pieces) => {
        const lines = cells.map((line) => line.map(shown).join(','));
        expect(await accounted([HEADER.join(','), ...lines, ''].join('\n'), mapping, pieces)).toBe(cells.length);
      }),
      { numRuns: 80 },
    );
  });

  it('every element of a JSON master is stored, quarantined or left out, whatever its values are', async () => {
    const mapping = mappingOf({ ...LAYOUT, format: 'json', rows: 'deep.list' });
    const object = fc.dictionary(
      fc.constantFrom(...HEADER, 'more', '__proto__', 'constructor'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const first = { k: 'K', e: 'N', s: 'S' };
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (objects, pieces) => {
        const list = [first, ...objects];
        const counted = await accounted(JSON.stringify({ code: 0, deep: { list } }), mapping, pieces);
        expect(counted).toBe(list.length);
      }),
      { numRuns: 80 },
    );
  });

  it('a file that was cut, changed or replaced by noise is read or refused by name, with every built-in format', async () => {
    const text = `${HEADER.join(',')}\n1,N,A,29-Dec-2026,100,5,\n2,N,B,,,,\n`;
    const files = [
      text,
      JSON.stringify({ result: { list: [{ symbol: 'A', contractType: 'B' }] } }),
      '#SYM|A|\n1|2|\n#EOF|1\n',
    ];
    const mappings = [undefined, ...builtInMasters().map(({ mapping }) => mapping)];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(80),
        fc.uint8Array({ maxLength: 12 }),
        fc.constantFrom(...mappings),
        async (file, at, noise, mapping) => {
          const bytes = Buffer.from(file);
          await accounted(Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at + noise.length)]), mapping);
          await accounted(noise, mapping);
        },
      ),
      // An element of JSON that is no JSON, in a file without a mapping.
      { numRuns: 300, examples: [[files[1]!, 12, Uint8Array.from([0]), undefined]] },
    );
  });
});
