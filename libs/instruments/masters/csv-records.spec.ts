import type { CsvLayout } from './csv-layout.js';
import { csvRecords } from './csv-records.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(
  text: string,
  size = 1_000,
  layout: CsvLayout = {},
): Promise<{ header: readonly string[]; records: [number, string[]][]; broken: number[] }> {
  const { header, batches } = await csvRecords(inPieces(text, size), layout);
  const records: [number, string[]][] = [];
  const broken: number[] = [];
  for await (const batch of batches) {
    batch.records.forEach((record, index) =>
      records.push([batch.lines ? batch.lines[index]! : batch.firstLine + index, record]),
    );
    broken.push(...batch.broken.map(({ line }) => line));
  }
  return { header, records, broken };
}

describe('a CSV master', () => {
  const text = '\uFEFFa,b\r\n1,"x, ""y"""\r\n\r\n2,"two\r\nlines"\r\n3,z\r\n';

  it.each([1, 2, 3, 7, 1_000])(
    'a CSV master in pieces of %d characters gives the same records and line numbers',
    async (size) => {
      expect(await read(text, size)).toEqual({
        header: ['a', 'b'],
        records: [
          [2, ['1', 'x, "y"']],
          [4, ['2', 'two\nlines']],
          [6, ['3', 'z']],
        ],
        broken: [],
      });
    },
  );

  it.each([',', ';', '\t', '|'])('the delimiter %j is detected in the header', async (mark) => {
    expect((await read(`a${mark}b\n1${mark}2`)).records).toEqual([[2, ['1', '2']]]);
  });

  it('a broken quote spoils one line, not the rest of the file', async () => {
    const { records, broken } = await read('a,b\n1,x\n2,"open\n3,y\n4,"shut"tail\n5,z\n');
    expect(records.map(([line]) => line)).toEqual([2, 4, 6]);
    expect(broken).toEqual([3, 5]);
  });

  it('the search for the end of a quote is bounded in a file of any size', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `${index},y`).join('\n');
    const { records, broken } = await read(`a,b\n0,"open\n${rows}\n`, 4_096);
    expect(broken).toEqual([2]);
    expect(records).toHaveLength(20_000);
  });

  it('ragged rows stay separate', async () => {
    expect((await read('a,b\n1\n1,2,3\n4,5')).records).toEqual([
      [2, ['1']],
      [3, ['1', '2', '3']],
      [4, ['4', '5']],
    ]);
  });

  it('blank lines before the header are skipped and counted', async () => {
    expect((await read('\n\na,b\n1,2')).records).toEqual([[4, ['1', '2']]]);
  });

  it.each([1, 3, 1_000])(
    'a CSV master whose lines end in CR only is read, in pieces of %d characters',
    async (size) => {
      expect((await read('a,b\r1,x\r2,"y\rz"\r', size)).records).toEqual([
        [2, ['1', 'x']],
        [3, ['2', 'y\nz']],
      ]);
    },
  );

  it.each([1, 5, 1_000])('blanks before a quote are no part of a cell, in pieces of %d characters', async (size) => {
    expect(await read('"a", "b"\n"1", "x, y"\n', size)).toMatchObject({
      header: ['a', 'b'],
      records: [[2, ['1', 'x, y']]],
    });
    expect((await read('a,b,c\n1, "x, y",\n2,"say, ""hi""", ""\n', size)).records).toEqual([
      [2, ['1', 'x, y', '']],
      [3, ['2', 'say, "hi"', '']],
    ]);
  });
});

describe('the layout of a CSV master', () => {
  it('without a header the columns are named by their position, and the first line is a record', async () => {
    expect(await read('\n7,A\n8,B\n', 1_000, { header: false })).toMatchObject({
      header: ['1', '2'],
      records: [
        [2, ['7', 'A']],
        [3, ['8', 'B']],
      ],
    });
  });

  it.each<[string, CsvLayout]>([
    ['by its number', { header: { line: 3 } }],
    ['by its beginning', { header: { startsWith: 'a;' } }],
    ['by the lines before it', { skipLines: ['Market', 'Date'] }],
  ])('the header is found %s, and lines are numbered from the first of the file', async (_how, layout) => {
    for (const size of [1, 1_000])
      expect(await read('Market:;X\nDate:;today\na;b;\n1;2;\n', size, layout)).toMatchObject({
        header: ['a', 'b', '3'],
        records: [[4, ['1', '2', '']]],
      });
  });

  it('a file without its header line is refused with the line that was sought', async () => {
    await expect(read('x,y\n1,2\n', 1_000, { header: { startsWith: '#SYM|' } })).rejects.toMatchObject({
      code: 'INSTRUMENTS_WRONG_HEADER',
      message: expect.stringContaining('that starts with "#SYM|"') as string,
    });
    await expect(read('x,y\n', 1_000, { header: { line: 4 } })).rejects.toThrow('no header line number 4');
  });

  it('comment lines and the trailer are no records', async () => {
    const layout = { skipLines: ['#'], trailer: { startsWith: 'END' } };
    for (const size of [1, 7, 1_000])
      expect((await read('a,b\n1,x\n# note, more\n2,y\nEND,,\n', size, layout)).records).toEqual([
        [2, ['1', 'x']],
        [4, ['2', 'y']],
      ]);
  });

  it('the cell of the trailer that counts the rows may be named by its position', async () => {
    const layout = { trailer: { startsWith: 'END', counts: 3 } };
    expect((await read('a;b;c\n1;x;\nEND;20261124;1\n', 1_000, layout)).records).toHaveLength(1);
    await expect(read('a;b;c\n1;x;\nEND;1;2\n', 1_000, layout)).rejects.toThrow('It says 2 rows and has 1.');
  });

  it.each([
    ['a|b\n1|x\n#EOF|2\n', 'It says 2 rows and has 1.'],
    ['a|b\n1|x\n2|y\n3|"z\n#EOF|2\n', 'It says 2 rows and has 3.'],
    ['a|b\n1|x\n', 'It lacks the last line, which starts with "#EOF|".'],
    ['a|b\n1|x\n#EOF|\n', 'Its trailer in line 3 counts no rows.'],
    ['a|b\n#EOF|1\n1|x\n', 'Line 3 follows the trailer in line 2.'],
  ])('the cut file %j is refused', async (text, reason) => {
    const reading = read(text, 1_000, { trailer: { startsWith: '#EOF|', counts: true } });
    await expect(reading).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_INCOMPLETE',
      message: expect.stringContaining(reason) as string,
    });
  });
});
