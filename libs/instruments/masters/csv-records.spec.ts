import { csvRecords } from './csv-records.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(
  text: string,
  size = 1_000,
): Promise<{ header: string[]; records: [number, string[]][]; broken: number[] }> {
  const { header, batches } = await csvRecords(inPieces(text, size));
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
});
