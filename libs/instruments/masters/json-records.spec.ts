import { jsonRecords } from './json-records.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, size = 1_000): Promise<{ header: string[]; records: string[][] }> {
  const { header, batches } = await jsonRecords(inPieces(text, size));
  const records: string[][] = [];
  for await (const batch of batches) records.push(...batch.records);
  return { header, records };
}

describe('a JSON master', () => {
  const text = ` [ {"a":"1","b":"br{ac}ket \\" \\\\"}, {"b":2.5,"a":null},{"a":true,"b":{"deep":[1]}} ] \n`;

  it.each([1, 2, 5, 1_000])('a JSON master in pieces of %d characters gives the same records', async (size) => {
    const { header, records } = await read(text, size);
    expect(header).toEqual(expect.arrayContaining(['a', 'b']));
    const at = (name: string) => header.indexOf(name);
    expect(records.map((record) => [record[at('a')], record[at('b')]])).toEqual([
      ['1', 'br{ac}ket " \\'],
      ['', '2.5'],
      ['true', '{"deep":[1]}'],
    ]);
  });

  it.each<[string, string]>([
    ['[{"a":1},{"a":2}', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['[{"a":1},{"a":', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['[{"a":1},{a:2}]', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['[{"a":1}] [', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['[1,2]', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['{"status":"error"}', 'INSTRUMENTS_FILE_NOT_JSON_ARRAY'],
    ['[]', 'INSTRUMENTS_FILE_NO_ROWS'],
    ['', 'INSTRUMENTS_FILE_EMPTY'],
    [`[{"a":"${'x'.repeat(1_100_000)}`, 'INSTRUMENTS_FILE_BROKEN_JSON'],
  ])('a JSON master refuses %.30s', async (broken, code) => {
    await expect(read(broken, 100_000)).rejects.toMatchObject({ code });
  });
});
