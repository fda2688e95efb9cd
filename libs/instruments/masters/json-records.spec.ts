import { type JsonLayout, jsonRecords } from './json-records.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

interface Read {
  header: readonly string[];
  records: string[][];
  whole: boolean;
  unseen: readonly string[];
}

async function read(text: string, size = 1_000, layout: JsonLayout = {}): Promise<Read> {
  const source = await jsonRecords(inPieces(text, size), layout);
  const records: string[][] = [];
  for await (const batch of source.batches) records.push(...batch.records);
  const { header, whole, unseen } = source;
  return { header, records, whole, unseen };
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
    ['[{"a":1},]', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['{"a":{"b":1},"c":2}', 'INSTRUMENTS_FILE_BROKEN_JSON'],
    ['"text"', 'INSTRUMENTS_FILE_NOT_JSON_ARRAY'],
    [`[{"a":"${'x'.repeat(1_100_000)}`, 'INSTRUMENTS_FILE_LIMIT'],
  ])('a JSON master refuses %.30s', async (broken, code) => {
    await expect(read(broken, 100_000)).rejects.toMatchObject({ code });
  });

  it('names that occur late become columns of all later records', async () => {
    const { header, records } = await read('[{"a":1},{"a":2,"b":3}]', 9, { columns: ['a'] });
    expect(header).toEqual(['a', 'b']);
    expect(records).toEqual([['1'], ['2', '3']]);
  });

  it('a number keeps the digits that it has in the file', async () => {
    const { records } = await read('[{"a":12345678901234567890,"b":0.123456789012345678,"c":26000.0}]');
    expect(records).toEqual([['12345678901234567890', '0.123456789012345678', '26000']]);
  });

  it('a column of the mapping that differs in case is found', async () => {
    expect((await read('[{"Token":1}]', 1_000, { columns: ['token'] })).records).toEqual([['1']]);
  });
});

describe('the rows of a JSON master', () => {
  const columns = ['@key', 'id', 'deep.er', 'list[kind=B].size', 'with.dot'];
  const item = '{"id":1,"deep":{"er":2},"list":[{"kind":"A"},{"kind":"B","size":3}],"with.dot":4}';

  it.each([1, 2, 7, 1_000])('rows at a path are found in pieces of %d characters, with nested values', async (size) => {
    const text = `{"before":[[{"result":{"list":[]}}]],"result":{"list":[${item},${item}],"next":"p2"},"after":null}`;
    const layout = { rows: 'result.list', page: 'result.next', columns };
    const { records, whole, unseen } = await read(text, size, layout);
    expect(records.map((record) => record.slice(0, 5))).toEqual(Array(2).fill(['', '1', '2', '3', '4']));
    expect(whole).toBe(false);
    expect(unseen).toEqual(['@key']);
  });

  it.each([1, 7, 1_000])('an object of rows gives its names as @key, in pieces of %d characters', async (size) => {
    const { records } = await read(`{"X":${item},"Y\\"":${item}}`, size, { columns });
    expect(records.map((record) => record[0])).toEqual(['X', 'Y"']);
    const nested = await read(`{"error":[],"result":{"X":${item}}}`, size, { rows: 'result', columns });
    expect(nested.records.map((record) => record.slice(0, 2))).toEqual([['X', '1']]);
  });

  it.each([1, 1_000])(
    'one object where a list is expected is its only row, in pieces of %d characters',
    async (size) => {
      const { records } = await read('{"found":{"row":{"id":5,"b":{"c":6}}}}', size, {
        rows: 'found.row',
        columns: ['id', 'b.c'],
      });
      expect(records.map((record) => record.slice(0, 2))).toEqual([['5', '6']]);
    },
  );

  it.each([
    ['""', true],
    ['null', true],
    ['false', true],
    ['true', false],
    ['"more"', false],
    ['17', false],
  ])('a file whose page value is %s is a whole master: %s', async (value, whole) => {
    const layout = { rows: 'rows', page: 'next' };
    expect((await read(`{"rows":[{"a":1}],"next":${value}}`, 5, layout)).whole).toBe(whole);
    expect((await read(`{"next":${value},"rows":[{"a":1}]}`, 5, layout)).whole).toBe(whole);
  });

  it('a file without the list is refused with the names that it has', async () => {
    await expect(read('{"code":1,"msg":"no"}', 5, { rows: 'data' })).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_NOT_JSON_ARRAY',
      message: expect.stringContaining('at "data", but this has only the names code, msg') as string,
    });
    await expect(read('{"data":5}', 5, { rows: 'data' })).rejects.toThrow('but this is 5');
    await expect(read('{"data":null}', 5, { rows: 'data' })).rejects.toMatchObject({
      code: 'INSTRUMENTS_FILE_NO_ROWS',
    });
  });

  it('a name of JavaScript itself is no value of an object', async () => {
    const { records } = await read('[{"id":1}]', 5, { columns: ['constructor', '__proto__', 'constructor.name'] });
    expect(records[0]!.slice(0, 3)).toEqual(['', '', '']);
  });
});
